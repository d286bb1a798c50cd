// Package supervision keeps supervision tasks: raised, signed for, under way, reported done, checked and struck off or returned.
//
// A task is about a place: a county or a compound. It is raised by hand, for many
// places at once where needed, or by a rule from the lights that the programme
// shows (Standings, which role plugs in). Every step keeps its time by the
// programme's clock, so that a past day is answered as known at its close. Nobody
// checks what they reported done themselves.
//
// A list of tasks tells where protection is lacking: it is for staff only.
package supervision
