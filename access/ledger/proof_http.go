package ledger

import (
	"context"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// text is a reply that is a file of lines.
type text struct {
	ContentType  string `header:"Content-Type" hidden:"true"`
	CacheControl string `header:"Cache-Control" hidden:"true"`
	Body         []byte
}

func textOf(b []byte, err error) (*text, error) {
	if err != nil {
		return nil, err
	}
	return &text{"text/plain; charset=utf-8", "no-store", b}, nil
}

func (l *Ledger) proofRoutes(r *api.Router, tag string) {
	api.Get(r, "/api/ledger/proof", api.Op{
		ID: "proveEntry", Permission: "ledger.read", Tag: tag, Summary: "The proof that an entry stands in the log",
		Description: "In the form of C2SP tlog-proof, with the entry's leaf as its extra data: whoever has the log's key can verify it, with nothing else. Of an entry, or of a look's beginning.",
	}, l.getProof)
	api.Get(r, "/api/ledger/consistency", api.Op{
		ID: "proveConsistency", Permission: "ledger.proof", Tag: tag, Summary: "The proof that the log only grew since a log checkpoint",
		Description: "In the form in which C2SP tlog-witness sends one to a witness: the old size, hashes, the newest log checkpoint.",
	}, l.getConsistency)
}

func (l *Ledger) getProof(ctx context.Context, in *struct {
	Entry int64  `query:"entry" minimum:"-1" default:"-1" doc:"Place in the log."`
	Look  string `query:"look" doc:"Or the look whose beginning it is."`
},
) (*text, error) {
	const op = "ledger.proof"
	if (in.Entry < 0) == (in.Look == "") {
		return nil, fault.New(fault.Invalid, op, "tlog.which-entry")
	}
	if in.Look != "" {
		var rows []entryRow
		err := l.db.NewSelect().Model(&rows).Where("subject = ?", in.Look).Where("kind = 'look.begun'").Limit(1).Scan(ctx)
		if err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, op, "tlog.unreadable")
		}
		if len(rows) == 0 {
			return nil, fault.New(fault.NotFound, op, "tlog.no-look", "look", in.Look)
		}
		in.Entry = rows[0].Index
	}
	return textOf(l.prove(ctx, uint64(in.Entry)))
}

func (l *Ledger) getConsistency(ctx context.Context, in *struct {
	From int64 `query:"from" minimum:"0" required:"true" doc:"Size of the older log checkpoint."`
},
) (*text, error) {
	return textOf(l.consistent(ctx, uint64(in.From)))
}
