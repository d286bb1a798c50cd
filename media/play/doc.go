// Package play shows what was recorded: playback by byte ranges into the segments, exports, snapshots.
//
// Nothing is transcoded and nothing is written to disk. Playback hands out the recorded bytes, never more than ten
// seconds ahead of the viewer (the lease's Pacer counts media time); an export is a progressive MP4 whose moov is built
// from the moof headers of the fragments it needs, and whose media bytes come straight from the segments; a snapshot is
// the camera's own picture, or the latest key frame turned into a JPEG by an ffmpeg process that may do nothing else.
package play
