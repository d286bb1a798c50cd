package programme

// Figure is the place of a figure in a tally.
type Figure int

// The figures. Money is in fen.
const (
	Compounds         Figure = iota // taking part
	BuiltCompounds                  // of these: video built
	BuiltByReturn                   // of these: because a return says so
	ListedCompounds                 // not built: the compound has listed all its channels, and nobody has seen or approved that
	NetworkedCompound               // video networked
	NetworkedByReturn               //
	Installed                       // channels installed
	Channels                        // channels networked
	ChannelsSeen                    // of these: seen by the compounds' own machines
	PeopleProtecting                // guards and volunteers
	PhysicalAssets                  //
	TechnicalAssets                 //
	AccessBuildings                 // buildings that have access control; and so the next ones, in the order of place.ByBuilding
	DoorBuildings                   //
	LightBuildings                  //
	CameraBuildings                 //
	IntercomBuildings               //
	AlarmBuildings                  //
	WeakCompounds                   //
	Paired                          // weak compounds with a helper
	FundsPledged                    //
	FundsReceived                   // help money in place
	Duties                          // milestones owed
	Done                            // of these: done
	DoneInTime                      // of these: in time
	Overdue                         // not done, the last day has passed
	Behind                          // not done, nor begun, and the time is short
	Near                            // not done, near due
	GreenCompounds                  // compounds by light
	BlueCompounds                   //
	YellowCompounds                 //
	RedCompounds                    //
	figures
)

// Tally is a value for each figure. Tallies add up: compounds make a county,
// counties make the city.
type Tally [figures]int64

// Add adds another tally.
func (t *Tally) Add(o *Tally) {
	for i := range t {
		t[i] += o[i]
	}
}

// Sub takes another tally away.
func (t *Tally) Sub(o *Tally) {
	for i := range t {
		t[i] -= o[i]
	}
}

// Count is what a compound adds to its county; nothing when it does not take
// part. Of one that has ended its help money stays.
func (s *State) Count() (t Tally) {
	if s.Part && s.Ended && s.books != "" {
		t[FundsPledged], t[FundsReceived] = s.Pledged, s.Received
		return t
	}
	if !s.Part || s.County == "" {
		return t
	}
	one := func(f Figure, holds bool) {
		if holds {
			t[f]++
		}
	}
	t[Compounds] = 1
	one(BuiltCompounds, s.Built.Done)
	one(BuiltByReturn, s.Built.Basis == ByReturn)
	one(ListedCompounds, s.Built.Basis == Typed)
	one(NetworkedCompound, s.Networked.Done)
	one(NetworkedByReturn, s.Networked.Basis == ByReturn)
	t[Installed], t[Channels], t[ChannelsSeen] = s.Installed, s.networked(), min(s.networked(), s.InSight)
	t[PeopleProtecting], t[PhysicalAssets], t[TechnicalAssets] = s.People, s.Physical, s.Technical
	for i := range buildingKinds {
		t[AccessBuildings+Figure(i)] = *s.BuildingsWith.of(i)
	}
	one(WeakCompounds, s.Weak)
	one(Paired, s.Weak && s.Pairings > 0)
	t[FundsPledged], t[FundsReceived] = s.Pledged, s.Received
	for _, d := range s.Duties {
		t[Duties]++
		one(Done, d.Done)
		one(DoneInTime, d.InTime)
		one(Overdue, d.Light == Red)
		one(Behind, d.Light == Yellow)
		one(Near, d.Light == Blue)
	}
	t[GreenCompounds+Figure(s.Light().rank())]++
	return t
}
