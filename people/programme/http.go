package programme

import (
	"context"
	"io/fs"
	"net/http"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
)

// Permissions of the room.
const (
	MayRead    = "programme.read"
	MayWrite   = "programme.write"
	MayApprove = "programme.approve" // one level up, of another person
	MayTotal   = "programme.total"   // the city's sums, without a county's row
	MayPublish = "programme.publish" // a rule that asks less, by another person than who proposed it
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
	s.setupRoutes(r)
	s.requestRoutes(r)
	s.proposalRoutes(r)
	s.storyRoutes(r)
	s.changeRoutes(r)
	api.Get(r, "/api/programme/city", api.Op{
		ID: "getCity", Permission: MayTotal, Summary: "The city on a day: figures, trend, counties with their lights",
		Description: "Everybody in the programme reads the sums; of counties each caller gets the own ones. A day is answered as known at its close, for ever; known=… asks for what was known at another instant.",
	}, s.httpCity)
	api.Get(r, "/api/programme/counties/{id}", api.Op{ID: "getCounty", Permission: MayRead, Summary: "A county on a day: its row in the table, its streets, its trend"}, s.httpCounty)
	s.areaRoutes(r)
	s.lateRoutes(r)
	api.Get(r, "/api/programme/deadlines", api.Op{
		ID: "listDeadlines", Permission: MayTotal, Summary: "The milestones of a day with how far a county, or the city, has come", Description: "The earliest last day first.",
	}, s.httpDeadlines)
	api.Get(r, "/api/programme/compounds", api.Op{ID: "listStandings", Permission: MayRead, Summary: "Compounds with their standing on a day, the worst light first"}, s.httpCompounds)
	api.Get(r, "/api/programme/compounds/{id}", api.Op{ID: "getStanding", Permission: MayRead, Summary: "A compound's standing on a day, and what it rests on"}, s.httpCompound)
	api.Get(r, "/api/programme/compounds/{id}/history", api.Op{
		ID: "listSayings", Permission: MayRead, Summary: "All that was said of a compound: about which day, known when, by whom, by which return", Description: "The newest first.",
	}, s.httpHistory)
	api.Get(r, "/api/programme/changes", api.Op{
		ID: "listChanges", Permission: MayRead, Summary: "Why a number changed: the compounds that count otherwise than on an earlier day, with what became known since",
		Description: "Both days at their close. What the compounds change adds up to what the figures changed.",
	}, s.httpMoves)
	api.Get(r, "/api/county-returns", api.Op{ID: "listReturns", Permission: MayRead, Summary: "County returns, the newest first"}, s.httpReturns)
	api.Post(r, "/api/county-returns", api.Op{
		ID: "submitReturn", Permission: MayWrite, Summary: "Hand in a county's return for a month", Status: 201, MaxBody: 8 << 20,
		Description: "Its figures are computed and frozen here; nobody types them. Every soft finding of checkReturn must be among the confirmed ones: 422 names those that are not. Who decides reads them.",
	}, s.httpSubmit)
	api.Post(r, "/api/county-returns/{id}/decision", api.Op{
		ID: "decideReturn", Permission: MayApprove, Summary: "Approve a return, which locks it, or send it back",
		Description: "Nobody decides on a return of their own.",
	}, s.httpDecide)
	s.returnRoutes(r)
	s.forecastRoutes(r)
	api.Get(r, "/api/bulletin", api.Op{
		ID: "getBulletin", Permission: MayRead, Summary: "The bulletin of a day, in figures and in words",
		Description: "The office edition lists late compounds and is for staff only; the public one never does. With a county: one page for its leader.",
	}, s.httpBulletin)
	r.Raw(http.MethodGet, "/api/bulletin/file", api.Op{
		ID: "getBulletinFile", Permission: MayRead, Summary: "The bulletin of a day as a file", Description: "?format=text, md, xlsx, docx or json; at, known, since, edition and county as for getBulletin. In the caller's language.",
	}, http.HandlerFunc(s.file))
}

func (s *Service) rights() *place.Rights { return s.o.Places.Rights() }

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

// SinceInput is the day that changes are counted from.
type SinceInput struct {
	Since string `query:"since" doc:"The day that changes are counted from; a month before when left out"`
}

func (in SinceInput) day() (place.Day, error) {
	if in.Since == "" {
		return 0, nil
	}
	return place.ParseDay(in.Since)
}

type cityOutput struct{ Body City }

func (s *Service) httpCity(ctx context.Context, in *struct {
	place.AsOfInput
	SinceInput
},
) (*cityOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	since, err := in.day()
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayCity(ctx, MayTotal); err != nil {
		return nil, err
	}
	c, err := s.City(ctx, q, since)
	if err != nil {
		return nil, err
	}
	scope, err := s.rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	c.Counties = slices.DeleteFunc(c.Counties, func(r CountyRow) bool { return !scope.Has(r.County) })
	c.Why = api.Say(ctx, c.Why)
	for i := range c.Counties {
		c.Counties[i].Why = api.Say(ctx, c.Counties[i].Why)
	}
	return &cityOutput{c}, nil
}

type compoundsOutput struct {
	Body struct {
		Compounds []CompoundState `json:"compounds"`
		Total     int             `json:"total"`
		Sum       int64           `json:"sum,omitempty" doc:"Asked for by a figure: the figure, over all of them"`
		Next      place.ID        `json:"next,omitempty" doc:"Ask with after=… for more"`
	}
}

func (s *Service) httpCompounds(ctx context.Context, in *struct {
	place.AsOfInput
	County    string `query:"county"`
	Street    string `query:"street"`
	Under     string `query:"under" doc:"A place above them, at any level"`
	Figure    string `query:"figure" maxLength:"40" doc:"Only those that this figure of getCity is made of; also built_seen, networked_seen, channels_networked_typed, late"`
	Milestone string `query:"milestone" maxLength:"40" doc:"With a figure of duties: only those of this milestone"`
	Light     string `query:"light" enum:"green,blue,yellow,red,late" doc:"late: yellow or red"`
	Part      string `query:"part" enum:"yes,no" default:"yes" doc:"no: those that take no part"`
	Search    string `query:"search" maxLength:"60" doc:"In the name: characters, pinyin, initials, or a mixture"`
	After     string `query:"after" doc:"The last compound of the page before"`
	Limit     int    `query:"limit" minimum:"1" maximum:"5000" default:"200"`
},
) (*compoundsOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	scope, err := s.rights().Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	if in.Figure != "" && !IsFigure(in.Figure) {
		return nil, fault.New(fault.Invalid, "programme.Compounds", "programme.no-figure", "is", in.Figure)
	}
	want := Filter{
		Show: scope.Has, Outside: in.Part == "no", Figure: in.Figure, Milestone: MilestoneID(in.Milestone), County: place.ID(in.County), Street: place.ID(in.Street), Under: place.ID(in.Under), Named: place.NewNeedle(in.Search),
	}
	switch in.Light {
	case "":
	case "late":
		want.Lights = []Light{Red, Yellow}
	default:
		want.Lights = []Light{Light(in.Light)}
	}
	list, err := s.Compounds(ctx, q, want)
	if err != nil {
		return nil, err
	}
	out := &compoundsOutput{}
	out.Body.Total = len(list)
	for i := range list {
		out.Body.Sum += list[i].Adds
	}
	if in.After != "" {
		i := slices.IndexFunc(list, func(c CompoundState) bool { return c.Compound == place.ID(in.After) })
		list = list[i+1:]
	}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		out.Body.Next = list[in.Limit-1].Compound
	}
	ids := make([]place.ID, len(list))
	for i := range list {
		ids[i] = list[i].Compound
	}
	said, err := s.sayingsOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Said = said[list[i].Compound]
		say(ctx, &list[i])
	}
	out.Body.Compounds = list
	return out, nil
}

// say puts the reasons of a compound's lights into the caller's language.
func say(ctx context.Context, c *CompoundState) {
	v := api.VoiceOf(ctx)
	for i := range c.Duties {
		c.Duties[i].Why = SayWhy(v, c.Duties[i])
	}
}

type compoundOutput struct {
	ETag string `header:"ETag" doc:"Of what the programme itself has said of the compound; none where it never said anything"`
	Body CompoundState
}

// standing answers with a compound's standing.
func (s *Service) standing(ctx context.Context, q place.AsOf, id place.ID) (*compoundOutput, error) {
	c, err := s.Compound(ctx, q, id)
	if err != nil {
		return nil, err
	}
	out := &compoundOutput{Body: c}
	said, err := s.Sayings(ctx, id)
	if said > 0 {
		out.ETag, out.Body.Said = place.ETag(said), said
	}
	say(ctx, &out.Body)
	return out, err
}

func (s *Service) httpCompound(ctx context.Context, in *struct {
	place.PlaceInput
	place.AsOfInput
},
) (*compoundOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	if err := s.rights().May(ctx, MayRead, q, place.ID(in.ID)); err != nil {
		return nil, err
	}
	return s.standing(ctx, q, place.ID(in.ID))
}

type returnsOutput struct {
	Body struct {
		Returns []Return `json:"returns"`
	}
}

func (s *Service) httpReturns(ctx context.Context, in *struct {
	County string `query:"county"`
},
) (*returnsOutput, error) {
	today := s.o.Clock.Today()
	scope, err := s.rights().Scope(ctx, MayRead, s.o.Clock.AtClose(today))
	if err != nil {
		return nil, err
	}
	list, err := s.returnsOf(ctx, place.ID(in.County), scope.Of(place.County))
	if err != nil {
		return nil, err
	}
	for i := range list {
		sayFindings(ctx, list[i].Confirmed)
	}
	out := &returnsOutput{}
	out.Body.Returns = list
	return out, nil
}

type returnOutput struct{ Body Return }

func (s *Service) httpSubmit(ctx context.Context, in *struct{ Body ReturnSent }) (*returnOutput, error) {
	b := in.Body
	if err := s.rights().MayChange(ctx, MayWrite, b.County); err != nil {
		return nil, err
	}
	said := make([]Finding, len(b.Confirmed))
	for i, c := range b.Confirmed {
		said[i] = Finding{Path: c.Path, Code: c.Code}
	}
	r, err := s.Submit(ctx, by(ctx), Return{County: b.County, Month: b.Month, Note: b.Note, Claims: append([]Claim{}, b.Claims...), Confirmed: said})
	return returnReply(ctx, r, err)
}

// returnReply answers with a return; what was confirmed of it is in words.
func returnReply(ctx context.Context, r Return, err error) (*returnOutput, error) {
	if err != nil {
		return nil, err
	}
	sayFindings(ctx, r.Confirmed)
	return &returnOutput{r}, nil
}

func (s *Service) httpDecide(ctx context.Context, in *struct {
	ID   string `path:"id"`
	Body struct {
		Approve bool   `json:"approve"`
		Note    string `json:"note,omitempty" doc:"Why it is sent back"`
	}
},
) (*returnOutput, error) {
	was, err := s.Return(ctx, ReturnID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.rights().MayApprove(ctx, MayApprove, was.County, was.SubmittedBy); err != nil {
		return nil, err
	}
	r, err := s.Decide(ctx, by(ctx), ReturnID(in.ID), in.Body.Approve, in.Body.Note)
	return returnReply(ctx, r, err)
}
