// Package apitest checks what a room hands the server.
package apitest
