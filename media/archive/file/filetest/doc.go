// Package filetest breaks disks: power cuts, stalls, errors, slow heads.
package filetest
