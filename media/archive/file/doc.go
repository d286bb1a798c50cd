// Package file is the small file layer under the archive, so that tests can cut its power, stall it, fill it and break it.
package file
