// Package rtsptest plays a stream as a slow client does, over a bare connection.
package rtsptest
