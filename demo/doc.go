// Package demo is a compound to try things in: four quiet cameras of Jinyang Garden, drawn and simulated by this program.
package demo
