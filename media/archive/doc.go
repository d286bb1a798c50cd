// Package archive knows what footage exists: segments, their fragment index, holds, retention, quota, repair.
//
// A segment is a plain fragmented MP4 file of about ten minutes on one of several disks. While it is written it stands on
// the list of open segments and its index is in memory, so readers see a fragment the moment it is on disk. When it closes,
// it becomes one row with a compact index of its fragments. Any moment of any camera is found by one indexed row.
//
// What start-up does depends only on how many segments were open, never on how many there are: see recover.go. What does
// depend on that is fsck.go, which walks everything: at once for `linli fsck`, slowly in the background of a server (Checker).
package archive
