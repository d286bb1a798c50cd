// Package record writes streams to disk: fragments into segments, one writer per disk, so that little is lost and all is known.
//
// Order is everything here: write, group sync, row. A killed process loses the open fragment, a power cut the last seconds.
// Several disks stand side by side without RAID; each camera has a home among the healthy ones and moves when it dies.
package record
