// Package cmaf writes and reads fragmented and progressive MP4: init, chunks (moof + mdat), and the tables of an export.
//
// Boxes are appended by hand to a caller's slice: no reflection, no allocation besides that slice. What is written here
// can be read back (ParseInit, ScanChunks), also from a file whose end is torn.
package cmaf
