// Package pairing keeps paired help: member units, the weak compounds they help, pledges and receipts in fen, help tasks.
//
// Money is only added: what was entered by mistake is taken back by an entry of
// its own that names it. So no sum is ever below zero, whichever day is asked
// about and whatever was known then. A receipt may name its voucher; the file
// itself, spending and disclosure are not kept here yet.
//
// Who is helped is weak, which is for staff only.
package pairing
