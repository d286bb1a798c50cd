// Package camsim simulates RTSP cameras from a clip, many at once, with the faults that real ones have.
//
// Packets are cut once. Each pacing thread keeps a copy of them and writes a camera's running numbers into it before
// each send, so a thousand cameras cost a thousand system calls a frame and little else.
package camsim
