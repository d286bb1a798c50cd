// Package stream takes each camera's stream in once and hands it to many readers: recorder, live pages, desktop players.
package stream
