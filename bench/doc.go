// Command bench measures what Linli costs, beside a floor measured in the same run, and writes docs/ref/performance.md.
package main
