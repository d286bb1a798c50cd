package pairing

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/place/photo"
)

// FileID names a file.
type FileID string

// FileKind is what a file shows.
type FileKind string

// A voucher belongs to any entry; before and after show what a spend became.
const (
	Voucher FileKind = "voucher"
	Before  FileKind = "before"
	After   FileKind = "after"
)

// File is a voucher or a photo of an entry.
type File struct {
	ID        FileID     `json:"id"`
	Entry     EntryID    `json:"entry"`
	Pairing   ID         `json:"pairing"`
	Compound  place.ID   `json:"compound"`
	Kind      FileKind   `json:"kind" enum:"voucher,before,after"`
	Name      string     `json:"name"`
	Media     string     `json:"media" enum:"application/pdf,image/jpeg"`
	Size      int64      `json:"size"`
	Hash      string     `json:"sha256" doc:"Of the bytes that are kept and sent"`
	Sent      string     `json:"sent_sha256" doc:"Of the file as it was uploaded; a picture is written anew, without place, time and maker"`
	Width     int        `json:"width,omitempty"`
	Height    int        `json:"height,omitempty"`
	Known     time.Time  `json:"known"`
	By        string     `json:"by"`
	Withdrawn *time.Time `json:"withdrawn,omitempty" doc:"It counts no longer; it stays to be seen"`
	Why       string     `json:"why,omitempty"`
	EndedBy   string     `json:"withdrawn_by,omitempty"`
}

const (
	maxFile   = photo.MaxBytes
	mostFiles = 12 // of one entry
)

func sha(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// take checks a file and makes of it what is kept: a PDF as it is, a picture
// written anew.
func take(op string, f *File, sent []byte) (kept []byte, err error) {
	if len(sent) > maxFile {
		return nil, fault.New(fault.TooLarge, op, "pairing.file.large")
	}
	f.Sent = sha(sent)
	if bytes.HasPrefix(sent, []byte("%PDF-")) {
		if f.Kind != Voucher {
			return nil, fault.New(fault.Invalid, op, "pairing.file.photo")
		}
		if !bytes.Contains(sent[max(0, len(sent)-2048):], []byte("%%EOF")) {
			return nil, fault.New(fault.Invalid, op, "pairing.file.broken")
		}
		f.Media, f.Size, f.Hash = "application/pdf", int64(len(sent)), f.Sent
		return sent, nil
	}
	p, err := photo.Take(sent)
	switch {
	case errors.Is(err, photo.ErrTooLarge):
		return nil, fault.Wrap(err, fault.TooLarge, op, "pairing.file.large")
	case errors.Is(err, photo.ErrKind):
		return nil, fault.Wrap(err, fault.Invalid, op, "pairing.file.kind")
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, op, "pairing.file.broken")
	}
	f.Media, f.Size, f.Hash, f.Width, f.Height = "image/jpeg", int64(len(p.Bytes)), p.Hash, p.Width, p.Height
	return p.Bytes, nil
}

func (f *File) check(e *Entry) (p place.Problems) {
	p.Text("name", f.Name, 100, true)
	switch f.Kind {
	case Voucher:
	case Before, After:
		if e.Kind != Spend {
			p.Add("kind", "pairing.file.spend-only")
		}
	default:
		p.Add("kind", "pairing.file.what")
	}
	if e.Fen < 0 {
		p.Add("entry", "pairing.file.taken-back")
	}
	return p
}
