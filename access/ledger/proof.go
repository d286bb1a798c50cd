package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/transparency-dev/formats/log"
	"github.com/transparency-dev/formats/proof"
	merkle "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
	"github.com/transparency-dev/tessera/client"
	"golang.org/x/mod/sumdb/note"

	"linli.dev/linli/fault"
)

// covered is a signed log checkpoint, as it stands in its file.
type covered struct {
	log.Checkpoint
	raw []byte
}

// signed reads the newest log checkpoint.
func (l *Ledger) signed(ctx context.Context) (covered, error) {
	l.mu.Lock()
	public := l.public
	l.mu.Unlock()
	raw, err := FolderFiles(l.opt.Dir)(ctx, layout.CheckpointPath)
	if errors.Is(err, os.ErrNotExist) || public == "" {
		return covered{}, nil
	}
	if err != nil {
		return covered{}, err
	}
	cp, err := openCheckpoint(public, raw)
	return covered{cp, raw}, err
}

// openCheckpoint holds a log checkpoint against the key of its log.
func openCheckpoint(public string, raw []byte) (log.Checkpoint, error) {
	verifier, err := note.NewVerifier(public)
	if err != nil {
		return log.Checkpoint{}, fmt.Errorf("the log's public key: %w", err)
	}
	cp, _, _, err := log.ParseCheckpoint(raw, verifier.Name(), verifier)
	if err != nil {
		return log.Checkpoint{}, &Damage{-1, "the log checkpoint is not signed by this log's key: " + err.Error()}
	}
	return *cp, nil
}

// covers waits for the log checkpoint that covers an entry; it follows the entry within a moment.
func (l *Ledger) covers(ctx context.Context, index uint64) (covered, error) {
	const op = "ledger.proof"
	l.mu.Lock()
	size := l.size
	l.mu.Unlock()
	if index >= size {
		return covered{}, fault.New(fault.NotFound, op, "tlog.no-entry", "entry", index)
	}
	for end := time.Now().Add(2*l.opt.Cover + time.Second); ; {
		cp, err := l.signed(ctx)
		if err != nil {
			return cp, fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
		}
		if index < cp.Size {
			return cp, nil
		}
		if time.Now().After(end) {
			return cp, fault.New(fault.Unavailable, op, "tlog.not-covered", "entry", index)
		}
		select {
		case <-time.After(l.opt.Cover / 10):
		case <-ctx.Done():
			return cp, fault.Wrap(ctx.Err(), fault.Unavailable, op, "tlog.unreadable")
		}
	}
}

// proofs builds proofs in the tree of a log checkpoint.
func (l *Ledger) proofs(ctx context.Context, cp covered) (*client.ProofBuilder, error) {
	t := newTiles(FolderFiles(l.opt.Dir), cp.Size)
	return client.NewProofBuilder(ctx, cp.Size, func(ctx context.Context, level, index uint64, _ uint8) ([]byte, error) {
		return t.tile(ctx, level, index)
	})
}

// prove gives the proof that an entry stands in the log, in the form of C2SP tlog-proof: the entry's leaf as its extra data, its place, the
// path to the root, and the signed log checkpoint. Nothing else is needed to verify it but the log's key.
func (l *Ledger) prove(ctx context.Context, index uint64) ([]byte, error) {
	const op = "ledger.proof"
	cp, err := l.covers(ctx, index)
	if err != nil {
		return nil, err
	}
	leaves, err := l.leaves(ctx, index, cp.Size)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
	}
	build, err := l.proofs(ctx, cp)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
	}
	path, err := build.InclusionProof(ctx, index)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
	}
	if err := merkle.VerifyInclusion(rfc6962.DefaultHasher, index, cp.Size, leafHash(leaves[0]), path, cp.Hash); err != nil {
		return nil, fault.Wrap(&Damage{int64(index), "it is not what the log had there"}, fault.Unavailable, op, "tlog.unreadable")
	}
	p := proof.TLogProof{Index: index, Checkpoint: cp.raw, ExtraData: leaves[0]}
	for _, h := range path {
		p.Hashes = append(p.Hashes, [32]byte(h))
	}
	return p.Marshal(), nil
}

// consistent gives the proof that the log only grew since it had some entries, in the form in which C2SP tlog-witness has it: the old size,
// the hashes, and the newest signed log checkpoint.
func (l *Ledger) consistent(ctx context.Context, from uint64) ([]byte, error) {
	const op = "ledger.consistency"
	cp, err := l.signed(ctx)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
	}
	if from > cp.Size {
		return nil, fault.New(fault.Invalid, op, "tlog.beyond", "from", from, "size", cp.Size)
	}
	var path [][]byte
	if from > 0 && from < cp.Size {
		build, err := l.proofs(ctx, cp)
		if err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
		}
		if path, err = build.ConsistencyProof(ctx, from, cp.Size); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "old %d\n", from)
	for _, h := range path {
		fmt.Fprintln(&b, base64.StdEncoding.EncodeToString(h))
	}
	b.WriteByte('\n')
	b.Write(cp.raw)
	return b.Bytes(), nil
}

// Proven is an entry whose proof holds.
type Proven struct {
	Index uint64
	Leaf  []byte // as it stands in the log
	Size  uint64 // of the log whose checkpoint the proof has
}

// VerifyProof holds the proof of an entry against the log's public key, and nothing else. What is wrong with it is Damage.
func VerifyProof(raw []byte, public string) (Proven, error) {
	var p proof.TLogProof
	if err := p.Unmarshal(raw); err != nil {
		return Proven{}, &Damage{-1, err.Error()}
	}
	cp, err := openCheckpoint(public, p.Checkpoint)
	if err != nil {
		return Proven{}, err
	}
	if _, err := read(p.ExtraData); err != nil {
		return Proven{}, damaged(p.Index, "%v", err)
	}
	path := make([][]byte, len(p.Hashes))
	for i := range p.Hashes {
		path[i] = p.Hashes[i][:]
	}
	if err := merkle.VerifyInclusion(rfc6962.DefaultHasher, p.Index, cp.Size, leafHash(p.ExtraData), path, cp.Hash); err != nil {
		return Proven{}, damaged(p.Index, "it does not stand in the log that was signed: %v", err)
	}
	return Proven{p.Index, p.ExtraData, cp.Size}, nil
}
