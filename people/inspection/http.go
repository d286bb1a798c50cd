package inspection

import (
	"context"
	"io/fs"
	"net/http"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/place/photo"
)

// Permissions of the room.
const (
	MayRead    = "inspection.read"
	MayWrite   = "inspection.write"
	MayAct     = "inspection.act"
	MayPublish = "inspection.publish"
)

// Name of the room.
func (s *Service) Name() string { return room }

// Messages of the room.
func (s *Service) Messages() fs.FS {
	return api.Messages(messages)
}

// Routes of the room.
func (s *Service) Routes(r *api.Router) {
	s.formRoutes(r)
	s.traceRoutes(r)
	api.Get(r, "/api/inspections", api.Op{ID: "listInspections", Permission: MayRead, Summary: "Inspections as of a day: what is planned, then what is over"}, s.httpList)
	api.Post(r, "/api/inspections", api.Op{ID: "planInspection", Permission: MayWrite, Summary: "Plan an inspection by a team of two at least", Status: 201}, s.httpPlan)
	api.Get(r, "/api/inspectors", api.Op{ID: "listInspectors", Permission: MayWrite, Summary: "Accounts that may be one of a team at a compound"}, s.httpInspectors)
	api.Get(r, "/api/inspections/{id}", api.Op{ID: "getInspection", Permission: MayRead, Summary: "An inspection with its answers, its score so far, what is to be mended"}, s.httpOne)
	api.Get(r, "/api/inspections/{id}/bundle", api.Op{
		ID: "getInspectionBundle", Permission: MayRead, Summary: "An inspection with its form: all that a phone needs where there is no network",
	}, s.httpBundle)
	api.Put(r, "/api/inspections/{id}/plan", api.Op{ID: "replanInspection", Permission: MayWrite, Summary: "Another day or team", Description: "With If-Match. Signatures given so far are void. Of one that the city's office has planned: by that office."}, s.httpReplan)
	api.Post(r, "/api/inspections/{id}/cancellation", api.Op{ID: "cancelInspection", Permission: MayWrite, Summary: "Cancel an inspection, with a reason", Description: "With If-Match. One that the city's office has planned: by that office."}, s.httpCancel)
	api.Post(r, "/api/inspections/{id}/answers", api.Op{
		ID: "sendInspectionAnswers", Permission: MayAct, Summary: "Send answers from a phone: each is kept once, however often it is sent", MaxBody: 4 << 20,
		Description: "By one of the team. In whatever order answers arrive, the same stands; what two say differently stays a difference until one of them settles it by an answer that replaces both. " +
			"An answer that is refused does not hold up the others.",
	}, s.httpSend)
	api.Post(r, "/api/inspections/{id}/photos", api.Op{
		ID: "addInspectionPhoto", Permission: MayAct, Summary: "Add a photo, a JPEG or PNG of 10 MB at most, under an id of the phone's own", Status: 201, MaxBody: photo.MaxBytes,
		Description: "Sent again it is kept once. It is written anew: position, time and maker do not stay in it.",
	}, s.httpAddPhoto)
	r.Raw(http.MethodGet, "/api/inspections/{id}/photos/{photo}", api.Op{ID: "getInspectionPhoto", Permission: MayRead, Summary: "A photo of an inspection", Replies: "image/jpeg"}, http.HandlerFunc(s.rawPhoto))
	r.Raw(http.MethodGet, "/api/inspections/{id}/report", api.Op{
		ID: "getInspectionReport", Permission: MayRead, Summary: "An inspection as a folder: a workbook and the photos (at=, known= for a past day)", Replies: "application/zip",
	}, http.HandlerFunc(s.rawReport))
	api.Post(r, "/api/inspections/{id}/signatures", api.Op{
		ID: "signInspection", Permission: MayAct, Summary: "Sign the answers as they stand; with the last signature the result is computed",
		Description: "By one of the team. The digest says which answers were seen; where they have changed since it is refused.",
	}, s.httpSign)
	api.Post(r, "/api/inspections/{id}/mendings/{item}/steps", api.Op{
		ID: "stepInspectionMending", Permission: MayAct, Summary: "Report something mended, with a photo; as one of the team accept or return it",
		Description: "With If-Match, the version of the mending. Nobody accepts what they reported themselves.",
	}, s.httpMend)
	api.Post(r, "/api/inspections/{id}/mendings/{item}/extensions", api.Op{
		ID: "extendInspectionMending", Permission: MayWrite, Summary: "Another last day or unit for something to be mended, with a reason", Description: "With If-Match. Of an inspection that the city's office has planned: by that office.",
	}, s.httpExtend)
	api.Get(r, "/api/inspection-mendings", api.Op{ID: "listInspectionMendings", Permission: MayRead, Summary: "What is still to be mended as of a day, the next last day first"}, s.httpDue)
	api.Get(r, "/api/inspection-standings", api.Op{ID: "listInspectionStandings", Permission: MayRead, Summary: "How inspected compounds stand as of a day, and how many of each county"}, s.httpStandings)
}

func by(ctx context.Context) string { return api.CallerFrom(ctx).Account }

// say puts a code into words.
func say(ctx context.Context, code string, args map[string]any) string {
	list := make([]any, 0, 2*len(args))
	for k, v := range args {
		list = append(list, k, v)
	}
	return api.VoiceOf(ctx).Say(code, list...)
}

func (s *Service) rights() *place.Rights { return s.o.Places.Rights() }

// may asks whether the caller may change something of an inspection, today.
func (s *Service) may(ctx context.Context, permission, id string) (Inspection, error) {
	x, err := s.one(ctx, ID(id))
	if err != nil {
		return x, err
	}
	return x, s.rights().MayChange(ctx, permission, x.Compound)
}

// mayPlan asks whether the caller may change the plan of an inspection, or put off what it asked to be mended: of one that the city's
// office has planned, for the city.
func (s *Service) mayPlan(ctx context.Context, id string) (Inspection, error) {
	x, err := s.may(ctx, MayWrite, id)
	if err != nil || !x.City {
		return x, err
	}
	may, err := place.Permitted(s.rights().MayOverCity(ctx, MayWrite, x.Compound))
	if err == nil && !may {
		err = fault.New(fault.Denied, "inspection.May", "inspection.of-city")
	}
	return x, err
}

// mayJudge refuses an inspection that would say nothing: what the city's team has found wrong the city's team finds mended.
func (s *Service) mayJudge(ctx context.Context, n *NewInspection) error {
	if n.City {
		return nil
	}
	turns, err := s.TurnsOf(ctx, n.Compound)
	if err != nil {
		return err
	}
	if t := StandsAt(s.today(), turns); t.holds() {
		return fault.New(fault.Denied, "inspection.Plan", "inspection.found-by-city")
	}
	return nil
}

// scope is where the caller may read as of a day; a compound that is asked for
// by name is refused where it is not.
func (s *Service) scope(ctx context.Context, q place.AsOf, compound string) (*place.Scope, error) {
	if compound != "" {
		if err := s.rights().May(ctx, MayRead, q, place.ID(compound)); err != nil {
			return nil, err
		}
	}
	return s.rights().Scope(ctx, MayRead, q)
}

type listOutput struct {
	Body struct {
		Inspections []Entry       `json:"inspections"`
		Total       int           `json:"total"`
		Counts      Counts        `json:"counts" doc:"Whatever the state and result asked for"`
		Counties    []CountyCount `json:"counties"`
		Date        place.Day     `json:"date"`
	}
}

// CountyCount is how many inspections a county has of each kind.
type CountyCount struct {
	County place.ID `json:"county"`
	Name   string   `json:"name"`
	Counts
}

func (s *Service) httpList(ctx context.Context, in *struct {
	place.AsOfInput
	County    string `query:"county"`
	Compound  string `query:"compound"`
	State     string `query:"state" enum:"planned,finished,cancelled"`
	Result    string `query:"result" enum:"pass,mend,fail"`
	Mine      bool   `query:"mine" doc:"Only of the caller's teams"`
	Outstands bool   `query:"outstanding" doc:"Only with something to be mended, or planned for a day that has passed"`
	Limit     int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
},
) (*listOutput, error) {
	q, err := in.AsOf(s.o.Clock)
	if err != nil {
		return nil, err
	}
	scope, err := s.scope(ctx, q, in.Compound)
	if err != nil {
		return nil, err
	}
	f := Filter{Show: scope.Has, Compound: place.ID(in.Compound), County: place.ID(in.County), State: State(in.State), Result: Result(in.Result), Outstands: in.Outstands}
	if in.Mine {
		f.Mine = by(ctx)
	}
	list, counts, err := s.List(ctx, q, by(ctx), f)
	if err != nil {
		return nil, err
	}
	out := &listOutput{}
	out.Body.Inspections, out.Body.Total, out.Body.Counts, out.Body.Date = list[:min(len(list), in.Limit)], len(list), counts, q.Day
	for i := range list {
		w := list[i].Where
		k := slices.IndexFunc(out.Body.Counties, func(c CountyCount) bool { return c.County == w.County })
		if k < 0 {
			k = len(out.Body.Counties)
			out.Body.Counties = append(out.Body.Counties, CountyCount{County: w.County, Name: w.CountyName})
		}
		out.Body.Counties[k].add(&list[i])
	}
	slices.SortFunc(out.Body.Counties, func(a, b CountyCount) int { return slices.Compare([]byte(a.Name), []byte(b.Name)) })
	return out, nil
}

type viewOutput struct {
	ETag string `header:"ETag"`
	Body View
}

// answer is an inspection as it stands now.
func (s *Service) answer(ctx context.Context, id ID, err error) (*viewOutput, error) {
	if err != nil {
		return nil, err
	}
	v, _, err := s.View(ctx, s.today(), by(ctx), id, func(code string, args map[string]any) string { return say(ctx, code, args) })
	if err != nil {
		return nil, err
	}
	return &viewOutput{place.ETag(v.Version), v}, nil
}

func (s *Service) httpPlan(ctx context.Context, in *struct{ Body NewInspection }) (*viewOutput, error) {
	if err := s.rights().MayChange(ctx, MayWrite, in.Body.Compound); err != nil {
		return nil, err
	}
	n := in.Body
	var err error
	if n.City, err = s.rights().ForCity(ctx, MayWrite, n.Compound); err != nil {
		return nil, err
	}
	if err := s.mayJudge(ctx, &n); err != nil {
		return nil, err
	}
	x, err := s.Plan(ctx, by(ctx), n)
	return s.answer(ctx, x.ID, err)
}

type inspectorsOutput struct {
	Body struct {
		Inspectors []Inspector `json:"inspectors"`
	}
}

func (s *Service) httpInspectors(ctx context.Context, in *struct {
	Compound string `query:"compound" required:"true"`
},
) (*inspectorsOutput, error) {
	id := place.ID(in.Compound)
	if err := s.rights().MayChange(ctx, MayWrite, id); err != nil {
		return nil, err
	}
	out := &inspectorsOutput{}
	if s.accounts == nil {
		return out, nil
	}
	list, err := s.accounts.Inspectors(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := s.o.Places.Tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		if under(tree, s.today(), id, x.At) {
			out.Body.Inspectors = append(out.Body.Inspectors, x)
		}
	}
	return out, nil
}

// IDInput names an inspection.
type IDInput struct {
	ID string `path:"id"`
}

func (s *Service) view(ctx context.Context, id string, asOf place.AsOfInput) (View, Form, error) {
	q, err := asOf.AsOf(s.o.Clock)
	if err != nil {
		return View{}, Form{}, err
	}
	x, err := s.one(ctx, ID(id))
	if err != nil {
		return View{}, Form{}, err
	}
	if err := s.rights().May(ctx, MayRead, q, x.Compound); err != nil {
		return View{}, Form{}, err
	}
	return s.View(ctx, q, by(ctx), x.ID, func(code string, args map[string]any) string { return say(ctx, code, args) })
}

func (s *Service) httpOne(ctx context.Context, in *struct {
	IDInput
	place.AsOfInput
},
) (*viewOutput, error) {
	v, _, err := s.view(ctx, in.ID, in.AsOfInput)
	if err != nil {
		return nil, err
	}
	return &viewOutput{place.ETag(v.Version), v}, nil
}

type bundleOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Inspection View `json:"inspection"`
		Form       Form `json:"form"`
	}
}

func (s *Service) httpBundle(ctx context.Context, in *struct{ IDInput }) (*bundleOutput, error) {
	v, f, err := s.view(ctx, in.ID, place.AsOfInput{})
	if err != nil {
		return nil, err
	}
	out := &bundleOutput{ETag: place.ETag(v.Version)}
	out.Body.Inspection, out.Body.Form = v, f
	return out, nil
}

func (s *Service) httpReplan(ctx context.Context, in *struct {
	IDInput
	place.Versioned
	Body struct {
		Day  place.Day `json:"day"`
		Team []string  `json:"team" minItems:"1" maxItems:"12"`
		Note string    `json:"note,omitempty"`
	}
},
) (*viewOutput, error) {
	x, err := s.mayPlan(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err == nil {
		_, err = s.Replan(ctx, by(ctx), x.ID, seen, in.Body.Day, in.Body.Team, in.Body.Note)
	}
	return s.answer(ctx, x.ID, err)
}

func (s *Service) httpCancel(ctx context.Context, in *struct {
	IDInput
	place.Versioned
	Body struct {
		Note string `json:"note" doc:"Why"`
	}
},
) (*viewOutput, error) {
	x, err := s.mayPlan(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	seen, err := in.Seen()
	if err == nil {
		_, err = s.Cancel(ctx, by(ctx), x.ID, seen, in.Body.Note)
	}
	return s.answer(ctx, x.ID, err)
}
