// Package hls writes playlists and serves low-latency HLS from memory: the same bytes to every reader, all woken at once.
//
// A Live is one rolling playlist with parts (draft-pantos-hls-rfc8216bis: parts, preload hint, blocking reload, delta
// updates). It renders each state of the playlist once, keeps each part once, and serves both over net/http. A VOD is
// a finished playlist over byte ranges of files that are somewhere else.
package hls
