// Package campaign keeps campaigns, their activities with photos, and notices to residents.
//
// A campaign is a dated drive of the programme with four strands. An activity is
// a dated act of it: publicity (what was handed out or posted where), a meeting
// (agenda, route, speakers, minutes), a visit with its experience article, which
// every county reads. Of those who came there is a number, never a name. What is
// to be followed up becomes a supervision task (FollowUps, which role plugs in).
//
// A photo is decoded and written anew, so that nothing of where and with what it
// was taken stays in it, and lies in the database under the hash of its bytes:
// one backup and one transaction for text and photos.
package campaign
