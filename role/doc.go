// Package role wires the rooms: who runs what on this machine. It is the only room that knows every room.
package role
