// Package pairing keeps paired help: member units, the weak compounds they help, money from pledge to disclosure in fen, help tasks.
//
// Money is only added: what was entered by mistake is taken back by an entry of
// its own that names it. So no sum is ever below zero, no more is spent than
// received and no more disclosed than spent, whichever day is asked about and
// whatever was known then (sums.go says why, Entry.Refuse keeps it). Vouchers and
// photos lie in the database under the SHA-256 of their bytes.
//
// Who is helped is weak, which is for staff only: what everybody may read
// (disclosure.go) names units and sums, and no compound.
package pairing
