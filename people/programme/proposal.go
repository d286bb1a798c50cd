package programme

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/store"
)

// ProposalID names a proposal.
type ProposalID string

// Proposal is a change of a rule by which compounds owe less: a milestone that is due later, is of fewer classes, has ended …, or a
// connection that counts longer. It does nothing until another person publishes it.
type Proposal struct {
	ID        ProposalID   `json:"id"`
	Version   int64        `json:"version" doc:"To be sent as If-Match"`
	Milestone MilestoneID  `json:"milestone,omitempty" doc:"Left out: it is about how long a connection counts"`
	Base      int64        `json:"of_version" doc:"The version of the milestone, or of the programme, that it is to follow"`
	Rule      *Milestone   `json:"rule,omitempty" doc:"The milestone as it is to be"`
	Span      int          `json:"span_days,omitempty" doc:"For how many days a connection is to count"`
	Reason    string       `json:"reason"`
	State     RequestState `json:"state" enum:"asked,granted,refused,withdrawn"`
	Proposed  time.Time    `json:"proposed"`
	Proposer  string       `json:"proposed_by"`
	Decided   *time.Time   `json:"decided,omitempty"`
	DecidedBy string       `json:"decided_by,omitempty"`
	Note      string       `json:"note,omitempty" doc:"Why it is not published"`
}

const evProposal = "rule.proposed"

type proposalRow struct {
	bun.BaseModel `bun:"table:rule_proposals"`

	ID         ProposalID   `bun:"id,pk"`
	Version    int64        `bun:"version"`
	Milestone  MilestoneID  `bun:"milestone"`
	Base       int64        `bun:"base"`
	Rule       string       `bun:"rule"`
	Span       int          `bun:"span_days"`
	Reason     string       `bun:"reason"`
	State      RequestState `bun:"state"`
	ProposedUS int64        `bun:"proposed_us"`
	Proposer   string       `bun:"proposed_by"`
	DecidedUS  int64        `bun:"decided_us"`
	DecidedBy  string       `bun:"decided_by"`
	Note       string       `bun:"note"`
}

func (r *proposalRow) proposal() Proposal {
	p := Proposal{
		ID: r.ID, Version: r.Version, Milestone: r.Milestone, Base: r.Base, Span: r.Span, Reason: r.Reason, State: r.State,
		Proposed: store.Time(r.ProposedUS), Proposer: r.Proposer, DecidedBy: r.DecidedBy, Note: r.Note,
	}
	if r.DecidedUS != 0 {
		at := store.Time(r.DecidedUS)
		p.Decided = &at
	}
	if r.Rule != "" {
		p.Rule = &Milestone{}
		if json.Unmarshal([]byte(r.Rule), p.Rule) != nil {
			p.Rule = nil
		}
	}
	return p
}

// Proposals lists what was proposed, the newest first; of a state when one is named.
func (s *Service) Proposals(ctx context.Context, state RequestState) ([]Proposal, error) {
	q := s.db.NewSelect().Model((*proposalRow)(nil)).Order("proposed_us DESC", "id DESC")
	if state != "" {
		q = q.Where("state = ?", state)
	}
	list, err := read(ctx, q, nil, (*proposalRow).proposal)
	return list, dbError("programme.Proposals", err)
}

// Proposal is one of them.
func (s *Service) Proposal(ctx context.Context, id ProposalID) (Proposal, error) {
	const op = "programme.Proposal"
	list, err := read(ctx, s.db.NewSelect().Model((*proposalRow)(nil)).Where("id = ?", id), nil, (*proposalRow).proposal)
	if err != nil {
		return Proposal{}, dbError(op, err)
	}
	if len(list) == 0 {
		return Proposal{}, fault.New(fault.NotFound, op, "programme.proposal.none")
	}
	return list[0], nil
}

// PutMilestone is SetMilestone for one person: what asks less than the version before needs a reason, and is proposed only, until
// another person publishes it. It answers with the milestone as it counts, and with the proposal if there is one.
func (s *Service) PutMilestone(ctx context.Context, by string, seen int64, m Milestone, reason string) (now Milestone, p *Proposal, err error) {
	err = s.change(ctx, "programme.PutMilestone", by, func(ctx context.Context, w *writing) error {
		last, err := w.lastMilestone(ctx, m.ID)
		if err != nil {
			return err
		}
		if err := sameOrFirst(w.op, seen, last.Version); err != nil {
			return err
		}
		m.Reason, m.Proposer, m.Evidence = "", "", place.Tidy(m.Evidence)
		if err := m.check().Fault(w.op, "programme.invalid"); err != nil {
			return err
		}
		if !m.relieves(&last) {
			now, err = w.setMilestone(ctx, last, m)
			return err
		}
		now = last
		raw, err := json.Marshal(m)
		if err != nil {
			return err
		}
		p, err = w.propose(ctx, proposalRow{Milestone: m.ID, Base: last.Version, Rule: string(raw), Reason: reason})
		return err
	})
	return now, p, err
}

// Put is Set for one person: that a connection counts longer than until now is proposed only, with a reason; all else counts at once.
func (s *Service) Put(ctx context.Context, by string, seen int64, p Programme, reason string) (prop *Proposal, err error) {
	err = s.change(ctx, "programme.Put", by, func(ctx context.Context, w *writing) error {
		last, err := s.lastProgramme(ctx)
		if err != nil {
			return err
		}
		if err := sameOrFirst(w.op, seen, last.Version); err != nil {
			return err
		}
		p.Invented, p.Published, p.Reason, p.Proposer = last.Invented, last.Published, "", "" // a demo stays one
		longer := last.Version > 0 && p.Span <= 365 && p.span(s.o.Span) > last.span(s.o.Span)
		span := p.Span
		if longer {
			p.Span = last.Span
		}
		base := last.Version
		if !longer || p.Name != last.Name || p.NameEN != last.NameEN || p.City != last.City || p.Start != last.Start {
			now, err := w.set(ctx, last, p)
			if err != nil {
				return err
			}
			base = now.Version
		}
		if !longer {
			return nil
		}
		prop, err = w.propose(ctx, proposalRow{Base: base, Span: (&Programme{Span: span}).span(s.o.Span), Reason: reason})
		return err
	})
	return prop, err
}

// propose writes a proposal down. One about the same rule must be decided first.
func (w *writing) propose(ctx context.Context, row proposalRow) (*Proposal, error) {
	row.Reason = place.Tidy(row.Reason)
	var bad place.Problems
	if row.Reason == "" {
		bad.Add("reason", "programme.proposal.reason")
	}
	bad.Text("reason", row.Reason, 200, false)
	if err := bad.Fault(w.op, "programme.invalid"); err != nil {
		return nil, err
	}
	open, err := w.tx.NewSelect().Model((*proposalRow)(nil)).Where("milestone = ?", row.Milestone).Where("state = ?", Asked).Exists(ctx)
	if err != nil {
		return nil, err
	}
	if open {
		return nil, fault.New(fault.Conflict, w.op, "programme.proposal.open")
	}
	row.ID, row.Version, row.State, row.ProposedUS, row.Proposer = ProposalID(store.NewID()), 1, Asked, store.Micros(w.known), w.by
	if _, err := w.tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return nil, err
	}
	p := row.proposal()
	return &p, w.tellOf(&p)
}

func (w *writing) tellOf(p *Proposal) error {
	return w.tx.Emit(room, evProposal, string(p.Milestone), map[string]any{"proposal": p.ID, "state": p.State, "by": w.by})
}

// Publish publishes a proposal, which counts from now on, or refuses it with a word. by is another person of the city's office.
func (s *Service) Publish(ctx context.Context, by string, seen int64, id ProposalID, grant bool, note string) (p Proposal, err error) {
	err = s.change(ctx, "programme.Publish", by, func(ctx context.Context, w *writing) error {
		state := Refused
		if grant {
			state = Granted
		}
		if p, err = w.settle(ctx, seen, id, state, note); err != nil {
			return err
		}
		switch {
		case p.Proposer == by:
			return fault.New(fault.Denied, w.op, "programme.proposal.own")
		case !grant:
			return nil
		case p.Milestone == "":
			return w.publishSpan(ctx, &p)
		}
		return w.publishRule(ctx, &p)
	})
	return p, err
}

func (w *writing) publishRule(ctx context.Context, p *Proposal) error {
	last, err := w.lastMilestone(ctx, p.Milestone)
	if err != nil {
		return err
	}
	if last.Version != p.Base || p.Rule == nil { // it would undo what was set since
		return fault.New(fault.Conflict, w.op, "programme.proposal.overtaken")
	}
	m := *p.Rule
	m.Reason, m.Proposer = p.Reason, p.Proposer
	_, err = w.setMilestone(ctx, last, m)
	return err
}

func (w *writing) publishSpan(ctx context.Context, p *Proposal) error {
	all, err := w.s.Programmes(ctx)
	if err != nil {
		return err
	}
	last := all[len(all)-1]
	i := slices.IndexFunc(all, func(v Programme) bool { return v.Version == p.Base })
	if i < 0 || all[i].span(w.s.o.Span) != last.span(w.s.o.Span) { // it would undo what was set since
		return fault.New(fault.Conflict, w.op, "programme.proposal.overtaken")
	}
	next := last
	next.Span, next.Reason, next.Proposer = p.Span, p.Reason, p.Proposer
	_, err = w.set(ctx, last, next)
	return err
}

// Unpropose takes a proposal back that nobody has decided on.
func (s *Service) Unpropose(ctx context.Context, by string, seen int64, id ProposalID) (p Proposal, err error) {
	err = s.change(ctx, "programme.Unpropose", by, func(ctx context.Context, w *writing) error {
		p, err = w.settle(ctx, seen, id, Withdrawn, "")
		return err
	})
	return p, err
}

// settle puts an open proposal into another state; to refuse it needs a word.
func (w *writing) settle(ctx context.Context, seen int64, id ProposalID, state RequestState, note string) (Proposal, error) {
	note = place.Tidy(note)
	var bad place.Problems
	bad.Text("note", note, 200, state == Refused)
	if err := bad.Fault(w.op, "programme.invalid"); err != nil {
		return Proposal{}, err
	}
	rows, err := read(ctx, w.tx.NewSelect().Model((*proposalRow)(nil)).Where("id = ?", id), nil, func(r *proposalRow) proposalRow { return *r })
	if err != nil {
		return Proposal{}, err
	}
	if len(rows) == 0 {
		return Proposal{}, fault.New(fault.NotFound, w.op, "programme.proposal.none")
	}
	row := rows[0]
	if err := place.SameVersion(w.op, seen, row.Version); err != nil {
		return row.proposal(), err
	}
	if row.State != Asked {
		return row.proposal(), fault.New(fault.Conflict, w.op, "programme.proposal.decided")
	}
	row.Version, row.State, row.DecidedUS, row.DecidedBy, row.Note = row.Version+1, state, store.Micros(w.known), w.by, note
	if _, err := w.tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
		return row.proposal(), err
	}
	p := row.proposal()
	return p, w.tellOf(&p)
}

// proposalsOf picks the proposals about a milestone; "": about how long a connection counts.
func proposalsOf(list []Proposal, id MilestoneID) []Proposal {
	return slices.DeleteFunc(slices.Clone(list), func(p Proposal) bool { return p.Milestone != id })
}
