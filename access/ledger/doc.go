// Package ledger is the record of looks and decisions that nobody can rewrite: a Merkle log, one per compound.
//
// It follows the journal. What happens commits its rows and an event as everywhere else; the ledger turns the event into an
// entry, and who must not go on without a durable entry (the door, before a look) calls Sync. So there is one way into the
// ledger, nothing enters it twice, and a crash leaves the entry, never the look.
//
// A leaf is the canonical JSON of the entry's public row, and the hash of its private part with a salt. The private part and
// the salt stand in a row of the database that can expire; the leaf and its proof stay. What rows may hold is itself a leaf,
// the schema: the first one, and one more whenever it changes; each entry names the hash of its schema, so no column can
// come or go in silence.
//
// The log lies in the data folder in the layout of C2SP tlog-tiles, with signed log checkpoints: any client of that format
// can read and verify it. Rows know the leaf that they belong to, byte by byte: a log whose newest files were lost with the
// power is completed from them, to the same tree.
package ledger
