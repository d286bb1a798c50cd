package pairing

import (
	"context"
	"io/fs"

	"linli.dev/linli/api"
	"linli.dev/linli/people/place"
)

// Permissions of the room.
const (
	MayRead  = "pairing.read"
	MayWrite = "pairing.write" // pair, set tasks, take money back
	MayEnter = "pairing.enter" // money and tasks done
)

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS { return Sentences() }

// Sentences of the room, for commands.
func Sentences() fs.FS {
	return api.Messages(messages)
}

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	api.Get(r, "/api/member-units", api.Op{ID: "listMemberUnits", Permission: MayRead, Summary: "Member units by name"}, s.httpUnits)
	api.Post(r, "/api/member-units", api.Op{ID: "addMemberUnit", Permission: MayWrite, Summary: "Add a member unit", Status: 201}, s.httpAddUnit)
	api.Patch(r, "/api/member-units/{id}", api.Op{ID: "changeMemberUnit", Permission: MayWrite, Summary: "Call a member unit otherwise, or say of which committee it is", Description: "With If-Match, the version of the unit."}, s.httpChangeUnit)
	api.Get(r, "/api/member-units/{id}/changes", api.Op{ID: "listMemberUnitChanges", Permission: MayRead, Summary: "Who changed what of a member unit"}, s.httpUnitChanges)
	api.Get(r, "/api/pairings", api.Op{ID: "listPairings", Permission: MayRead, Summary: "Pairings as of a day, with their money and tasks", Description: "One that has ended and has any stays in the list: it goes on being counted."}, s.httpPairings)
	api.Post(r, "/api/pairings", api.Op{ID: "pair", Permission: MayWrite, Summary: "Pair a member unit with a weak compound", Status: 201}, s.httpPair)
	api.Post(r, "/api/pairings/{id}/end", api.Op{ID: "unpair", Permission: MayWrite, Summary: "A pairing is there no longer from a day on", Description: "With If-Match."}, s.httpUnpair)
	api.Get(r, "/api/pairings/{id}", api.Op{ID: "getPairing", Permission: MayRead, Summary: "A pairing as of a day: the whole life of its money, its tasks and files"}, s.httpPairing)
	api.Post(r, "/api/pairings/{id}/money", api.Op{
		ID: "enterHelpMoney", Permission: MayEnter, Summary: "Book a pledge, a receipt or a spend, in fen", Status: 201,
		Description: "A spend above what is in place on its day, or would be missing on a later one, is refused with what is left.",
	}, s.httpEnter)
	api.Post(r, "/api/pairings/{id}/disclosures", api.Op{
		ID: "discloseHelpMoney", Permission: MayEnter, Summary: "Make spends public from a day on", Status: 201,
		Description: "Each whole and once. The public page shows the unit, the amount and what it became: no text, no file, no compound.",
	}, s.httpDisclose)
	s.fileRoutes(r)
	s.correctRoutes(r)
	api.Get(r, "/api/pairings/{id}/changes", api.Op{ID: "listPairingChanges", Permission: MayRead, Summary: "Who changed what of a pairing: its beginning and end, money, files, tasks"}, s.httpChanges)
	api.Get(r, "/api/disclosure", api.Op{
		ID: "getDisclosure", Permission: api.Public, Summary: "What help money was received, spent and became, by helping unit: for everybody",
		Description: "Money, units and closed words only. No compound is in it: who is helped is weak, and that is for staff only.",
	}, s.httpDisclosure)
	api.Post(r, "/api/help-money/{id}/reversal", api.Op{
		ID: "reverseHelpMoney", Permission: MayWrite, Summary: "Take an entry back", Status: 201,
		Description: "Whole and once, on a day no earlier than its own. Both entries stay to be seen. Less is owed without a pledge: so who entered it takes it back alone on the same day only, later or another person needs the level above.",
	}, s.httpReverse)
	s.taskRoutes(r)
}

func (s *Service) rights() *place.Rights { return s.o.Places.Rights() }

// may asks whether the caller may do this with a pairing.
func (s *Service) may(ctx context.Context, permission string, id ID, about ...place.Day) error {
	p, err := s.pairing(ctx, id)
	if err != nil {
		return err
	}
	return s.rights().MayPairing(ctx, permission, p.Compound, string(p.ID), string(p.Unit), about...)
}

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

type pairingsOutput struct {
	Body struct {
		Pairings []View `json:"pairings"`
	}
}

func (s *Service) httpPairings(ctx context.Context, in *struct {
	place.AsOfInput
	Compound string `query:"compound"`
	Unit     string `query:"unit"`
	Brief    bool   `query:"brief" doc:"Sums only: no entries, no tasks"`
},
) (*pairingsOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	var compounds []place.ID
	if in.Compound != "" {
		compounds = []place.ID{place.ID(in.Compound)}
	}
	scope, err := s.rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	show := func(p *Pairing) bool { return scope.HasPairing(p.Compound, string(p.Unit)) }
	list, err := s.views(ctx, q, UnitID(in.Unit), show, compounds...)
	if err != nil {
		return nil, err
	}
	if in.Brief {
		for i := range list {
			list[i].Money, list[i].Tasks = []Entry{}, []Task{}
		}
	}
	out := &pairingsOutput{}
	out.Body.Pairings = list
	return out, nil
}

// Whole is a pairing with everything about it.
type Whole struct {
	View
	Files []File            `json:"files" doc:"Withdrawn ones too"`
	Names map[string]string `json:"names" doc:"What people call the accounts that are named in it"`
	May   struct {
		Enter bool `json:"enter" doc:"The caller may enter money, files, tasks done"`
		Write bool `json:"write" doc:"The caller may take money back, set tasks, end it"`
	} `json:"may"`
}

type wholeOutput struct {
	ETag string `header:"ETag"`
	Body Whole
}

func (s *Service) httpPairing(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.AsOfInput
},
) (*wholeOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	p, err := s.pairing(ctx, ID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayPairing(ctx, MayRead, p.Compound, in.ID, string(p.Unit)); err != nil {
		return nil, err
	}
	out := &wholeOutput{}
	if out.Body, err = s.Whole(ctx, q, p.ID); err != nil {
		return nil, err
	}
	out.ETag = place.ETag(p.Version())
	if out.Body.May.Enter, err = place.Permitted(s.rights().MayPairing(ctx, MayEnter, p.Compound, in.ID, string(p.Unit))); err != nil {
		return nil, err
	}
	if out.Body.May.Write, err = place.Permitted(s.rights().MayPairing(ctx, MayWrite, p.Compound, in.ID, string(p.Unit))); err != nil {
		return nil, err
	}
	return out, nil
}

type pairingOutput struct {
	ETag string `header:"ETag"`
	Body Pairing
}

func (s *Service) httpPair(ctx context.Context, in *struct {
	Body struct {
		Compound place.ID  `json:"compound"`
		Unit     UnitID    `json:"unit"`
		From     place.Day `json:"from"`
	}
},
) (*pairingOutput, error) {
	b := in.Body
	if err := s.rights().MayChange(ctx, MayWrite, b.Compound, b.From); err != nil {
		return nil, err
	}
	list, err := s.Pair(ctx, by(ctx), []Pairing{{Compound: b.Compound, Unit: b.Unit, Moment: place.Moment{About: b.From}}})
	if err != nil {
		return nil, err
	}
	return &pairingOutput{place.ETag(list[0].Version()), list[0]}, nil
}

func (s *Service) httpUnpair(ctx context.Context, in *struct {
	ID string `path:"id"`
	place.Versioned
	Body struct {
		Until place.Day `json:"until" doc:"The first day without it"`
	}
},
) (*pairingOutput, error) {
	if err := s.may(ctx, MayWrite, ID(in.ID), in.Body.Until); err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	p, err := s.Unpair(ctx, by(ctx), ID(in.ID), seen, in.Body.Until)
	if err != nil {
		return nil, err
	}
	return &pairingOutput{place.ETag(p.Version()), p}, nil
}

type entryOutput struct{ Body Entry }

func (s *Service) httpEnter(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Kind    EntryKind  `json:"kind" enum:"pledge,receipt,spend"`
		Fen     int64      `json:"fen" minimum:"1"`
		From    place.Day  `json:"from"`
		Due     place.Day  `json:"due,omitempty" doc:"Of a pledge: the last day on which it is to be in place"`
		Became  place.Sort `json:"became,omitempty" doc:"Of a spend: the sort of protection that it became"`
		Number  int        `json:"number,omitempty" minimum:"0" doc:"Of a spend: how many"`
		Voucher string     `json:"voucher,omitempty"`
		Note    string     `json:"note,omitempty" doc:"Of a spend: what it was for; needed"`
	}
},
) (*entryOutput, error) {
	b := in.Body
	if err := s.may(ctx, MayEnter, ID(in.ID), b.From); err != nil {
		return nil, err
	}
	list, err := s.Enter(ctx, by(ctx), []Entry{{
		Pairing: ID(in.ID), Kind: b.Kind, Fen: b.Fen, Moment: place.Moment{About: b.From}, Due: b.Due, Became: b.Became, Number: b.Number,
		Voucher: b.Voucher, Note: b.Note,
	}})
	if err != nil {
		return nil, err
	}
	return &entryOutput{list[0]}, nil
}

func (s *Service) httpDisclose(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Spends []EntryID `json:"spends" minItems:"1" maxItems:"100"`
		From   place.Day `json:"from"`
		Note   string    `json:"note,omitempty" doc:"Where else it is posted; for staff"`
	}
},
) (*moneyOutput, error) {
	b := in.Body
	if err := s.may(ctx, MayEnter, ID(in.ID), b.From); err != nil {
		return nil, err
	}
	list, err := s.Disclose(ctx, by(ctx), ID(in.ID), b.Spends, b.From, b.Note)
	if err != nil {
		return nil, err
	}
	out := &moneyOutput{}
	out.Body.Money = list
	return out, nil
}

type moneyOutput struct {
	Body struct {
		Money []Entry `json:"money"`
	}
}

func (s *Service) httpReverse(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		From place.Day `json:"from"`
		Note string    `json:"note" doc:"Why"`
	}
},
) (*entryOutput, error) {
	was, err := s.entry(ctx, EntryID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.may(ctx, MayWrite, was.Pairing, in.Body.From); err != nil {
		return nil, err
	}
	if err := s.mayLighten(ctx, was, &Correction{}); err != nil {
		return nil, err
	}
	e, err := s.Reverse(ctx, by(ctx), EntryID(in.ID), in.Body.From, in.Body.Note)
	if err != nil {
		return nil, err
	}
	return &entryOutput{e}, nil
}
