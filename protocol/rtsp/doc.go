// Package rtsp speaks RTSP 1.0 as a client for hundreds of cameras and as a server for hundreds of players, at the cost of few system calls.
package rtsp
