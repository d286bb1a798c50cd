// Package camera keeps the register of devices and cameras: what each one looks at and why, its sealed secrets and sources, its health and outages.
//
// The register is where the rule "only common areas" is enforced: a place
// where nobody may be filmed is refused before a row exists (place.go).
// Whoever needs pictures asks this room for sources and facts; nobody else
// ever sees a URL or a secret.
//
// What the files own:
//
//	camera.go, device.go   the nouns and their rules, pure
//	place.go, text.go      forbidden places; text that names people
//	other_way.go           ways to the cameras beside this program, for the public page
//	basis.go               legal basis classes and retention
//	target.go, address.go  where a connection may go, how a source is built
//	service.go, *_store.go callers, rows
//	health.go, outage.go   states, spans, availability
//	import_*.go            lists from CSV and XLSX
//	probe_*.go             "what does this camera send?"
package camera
