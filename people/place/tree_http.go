package place

import (
	"context"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

func (s *Service) treeRoutes(r *api.Router) {
	api.Get(r, "/api/places", api.Op{
		ID: "listPlaces", Permission: MayRead, Summary: "Places as of a day",
		Description: "Those of a level, those under a parent, or both; the topmost that the caller may read when neither is given. With a search, those whose name is found, of every level unless one is said.",
	}, s.httpPlaces)
	api.Get(r, "/api/places/{id}/rights", api.Op{
		ID: "getPlaceRights", Permission: MayRead, Summary: "Which of some things the caller may do at a place, as things stand today",
		Description: "What a page asks before it offers a button. It is no promise: each deed is asked for again when it is done.",
	}, s.httpRights)
	api.Get(r, "/api/place-names", api.Op{
		ID: "listPlaceNames", Permission: MayRead, Summary: "What divisions are called in English texts",
		Description: "Of cities, counties, streets and communities: what an office said, else the name spelt by rule. By name, as lists have it.", Shape: NamesBody{},
	}, s.httpNames)
	api.Post(r, "/api/places", api.Op{ID: "foundPlace", Permission: MayWrite, Summary: "Add a place", Status: 201}, s.httpFound)
	api.Get(r, "/api/places/{id}", api.Op{ID: "getPlace", Permission: MayRead, Summary: "A place as of a day, with what is above it"}, s.httpPlace)
	api.Patch(r, "/api/places/{id}", api.Op{
		ID: "changePlace", Permission: MayWrite, Summary: "Rename or move a place from a day on",
		Description: "With If-Match. Earlier days stay as they were; a day that is spoken of already makes it a correction, which reports of before do not see.",
	}, s.httpChange)
	api.Get(r, "/api/places/{id}/versions", api.Op{ID: "listPlaceVersions", Permission: MayRead, Summary: "All that was ever said of a place, and by whom"}, s.httpVersions)
	api.Post(r, "/api/places/{id}/end", api.Op{
		ID: "endPlace", Permission: MayWrite, Summary: "A place is there no longer from a day on",
		Description: "With If-Match. What hangs under it then, or from a later day on, must have ended or moved, and nothing may be said of the place itself from a later day on. A compound owes nothing any more, so its end needs a reason and a person of the level above, for which an office asks (askForRelief); who founded it ends it alone on the same day, while nobody else has said anything of it, no task, notice or return names it and nothing was merged into it.",
	}, s.httpEnd)
	api.Post(r, "/api/places/{id}/merge", api.Op{
		ID: "mergePlaces", Permission: MayWrite, Summary: "Merge places of the same level into this one from a day on",
		Description: "With If-Match, the version of this one. Compounds that go into another one end: see endPlace.",
	}, s.httpMerge)
	api.Post(r, "/api/places/{id}/split", api.Op{
		ID: "splitPlace", Permission: MayWrite, Summary: "Cut a new place off this one from a day on", Status: 201, Description: "With If-Match, the version of this one. For who may add a place beside it: a county is split by the city's office.",
	}, s.httpSplit)
}

type placesInput struct {
	AsOfInput
	Level  string `query:"level" enum:"city,county,street,community,compound,building"`
	Parent string `query:"parent"`
	Search string `query:"search" maxLength:"60" doc:"In the name: characters, pinyin, initials, or a mixture"`
	After  string `query:"after" doc:"The last id of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"5000" default:"500"`
}

type placesOutput struct {
	Body struct {
		Places []Version       `json:"places" doc:"By code and name"`
		Above  map[ID][]string `json:"above,omitempty" doc:"With a search: the names of what each lies in, the county first"`
		Total  int             `json:"total"`
		Next   ID              `json:"next,omitempty" doc:"Ask with after=… for more"`
	}
}

func (s *Service) httpPlaces(ctx context.Context, in *placesInput) (*placesOutput, error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	scope, err := s.rights.Scope(ctx, MayRead, q)
	if err != nil {
		return nil, err
	}
	var list []Version
	switch level := Level(in.Level); {
	case in.Search != "" && in.Parent == "":
		list = tree.named(q, in.Search, level)
	case in.Parent == "" && level == "":
		list = scope.tops()
	case in.Parent == "":
		list = tree.Of(q, level)
	case level == "":
		list = tree.Under(q, ID(in.Parent))
	default:
		for _, v := range tree.Of(q, level) {
			if slices.ContainsFunc(tree.Path(q, v.Place), func(p Version) bool { return p.Place == ID(in.Parent) }) {
				list = append(list, v)
			}
		}
	}
	list = slices.DeleteFunc(list, func(v Version) bool { return !scope.Has(v.Place) })
	out := &placesOutput{}
	out.Body.Total = len(list)
	if in.After != "" {
		i := slices.IndexFunc(list, func(v Version) bool { return v.Place == ID(in.After) })
		list = list[i+1:]
	}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		out.Body.Next = list[in.Limit-1].Place
	}
	out.Body.Places = append([]Version{}, list...)
	if in.Search != "" {
		out.Body.Above = map[ID][]string{}
		for _, v := range list {
			for _, p := range tree.Path(q, v.Place) {
				if p.Level != City && p.Place != v.Place {
					out.Body.Above[v.Place] = append(out.Body.Above[v.Place], p.Name)
				}
			}
		}
	}
	return out, nil
}

// PlaceInput names a place.
type PlaceInput struct {
	ID string `path:"id"`
}

// PlaceView is a place as of a day.
type PlaceView struct {
	Version
	Path    []Version `json:"path" doc:"The city first, the place itself last"`
	Newest  int64     `json:"newest_version" doc:"To be sent as If-Match"`
	Current bool      `json:"current" doc:"Nothing newer is known of it"`
}

type placeOutput struct {
	ETag string `header:"ETag"`
	Body PlaceView
}

func (s *Service) httpPlace(ctx context.Context, in *struct {
	PlaceInput
	AsOfInput
},
) (*placeOutput, error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	if err := s.rights.May(ctx, MayRead, q, ID(in.ID)); err != nil {
		return nil, err
	}
	return s.viewPlace(ctx, q, ID(in.ID))
}

func (s *Service) viewPlace(ctx context.Context, q AsOf, id ID) (*placeOutput, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	history := tree.History(id)
	v, ok := tree.said(q, id)
	if !ok {
		return nil, fault.New(fault.NotFound, "place.Place", "place.no-place")
	}
	newest := history[len(history)-1].Number
	return &placeOutput{ETag: ETag(newest), Body: PlaceView{Version: v, Path: append([]Version{}, tree.Path(q, id)...), Newest: newest, Current: v.Number == newest}}, nil
}

// viewNow answers a change with the place as it stands.
func (s *Service) viewNow(ctx context.Context, v Version) (*placeOutput, error) {
	return s.viewPlace(ctx, AsOf{max(v.About, s.clock.Today()), v.Known}, v.Place)
}

func (s *Service) httpFound(ctx context.Context, in *struct{ Body NewPlace }) (*placeOutput, error) {
	if err := s.rights.MayChange(ctx, MayWrite, in.Body.Parent, in.Body.From); err != nil {
		return nil, err
	}
	list, err := s.Found(ctx, by(ctx), []NewPlace{in.Body})
	if err != nil {
		return nil, err
	}
	return s.viewNow(ctx, list[0])
}

func (s *Service) httpChange(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body Edit
},
) (*placeOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayWrite, ID(in.ID), in.Body.From); err != nil {
		return nil, err
	}
	if to := in.Body.Parent; to != nil {
		if err := s.rights.MayChange(ctx, MayWrite, *to, in.Body.From); err != nil {
			return nil, err
		}
	}
	v, err := s.Change(ctx, by(ctx), ID(in.ID), seen, in.Body)
	if err != nil {
		return nil, err
	}
	return s.viewNow(ctx, v)
}

type versionsOutput struct {
	Body struct {
		Versions []Version         `json:"versions" doc:"In the order in which they became known"`
		Names    map[string]string `json:"names" doc:"What people call the accounts that said so"`
		Places   map[ID]string     `json:"places" doc:"The names of what it lay in, went into or was cut from, as they are today"`
	}
}

func (s *Service) httpVersions(ctx context.Context, in *PlaceInput) (*versionsOutput, error) {
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	out := &versionsOutput{}
	var refused error
	for _, v := range tree.History(ID(in.ID)) { // each is for whoever has the place on the day that it is about
		if err := s.rights.May(ctx, MayRead, AsOf{v.About, s.rights.now().Known}, v.Place); err != nil {
			if _, err := Permitted(err); err != nil {
				return nil, err
			}
			refused = err
			continue
		}
		out.Body.Versions = append(out.Body.Versions, v)
	}
	switch {
	case len(out.Body.Versions) > 0:
		out.Body.Names, out.Body.Places = map[string]string{}, map[ID]string{}
		for _, v := range out.Body.Versions {
			out.Body.Names[v.By] = s.Called(ctx, v.By)
			for _, id := range []ID{v.Parent, v.Other} {
				other, ok := tree.said(s.rights.now(), id)
				if ok && other.Level == Compound { // the names of divisions are public; that of a compound is for who may read it
					if ok, err = Permitted(s.rights.May(ctx, MayRead, s.rights.now(), id)); err != nil {
						return nil, err
					}
				}
				if ok {
					out.Body.Places[id] = other.Name
				}
			}
		}
		return out, nil
	case refused != nil:
		return nil, refused
	}
	return nil, fault.New(fault.NotFound, "place.Versions", "place.no-place")
}

func (s *Service) httpEnd(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body struct {
		From Day    `json:"from" doc:"The first day without it"`
		Note string `json:"note,omitempty" doc:"The reason; needed for a compound"`
	}
},
) (*placeOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.mayEnd(ctx, "place.End", ID(in.ID), in.Body.From, in.Body.Note); err != nil {
		return nil, err
	}
	v, err := s.End(ctx, by(ctx), ID(in.ID), seen, in.Body.From, in.Body.Note)
	if err != nil {
		return nil, err
	}
	return s.viewNow(ctx, v)
}

// mayEnd asks whether the caller may let a place end. A compound that ends owes nothing any more, so that is the level above's
// to decide, with a reason; a slip of the pen is mended by who made it, on the day on which it was made, while nothing of
// anybody else hangs on it.
func (s *Service) mayEnd(ctx context.Context, op string, id ID, from Day, note string) error {
	if err := s.rights.MayChange(ctx, MayWrite, id, from); err != nil {
		return err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return err
	}
	history := tree.History(id)
	if len(history) == 0 || history[0].Level != Compound {
		return nil
	}
	var p Problems
	p.Text("note", Tidy(note), maxNote, true)
	if err := p.Fault(op, "place.invalid"); err != nil {
		return err
	}
	founder, known := history[0].By, history[0].Known
	if s.rights.Mine(ctx, founder, known) {
		if only, err := s.onlyBy(ctx, history); err != nil || only {
			return err
		}
	}
	return s.rights.MayRelieve(ctx, id, "")
}

func (s *Service) httpMerge(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body struct {
		Places []ID   `json:"places" minItems:"1" maxItems:"100" doc:"What goes into this one, and ends"`
		From   Day    `json:"from"`
		Note   string `json:"note,omitempty" doc:"The reason; needed for compounds"`
	}
},
) (*placeOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayWrite, ID(in.ID), in.Body.From); err != nil {
		return nil, err
	}
	for _, id := range in.Body.Places {
		if err := s.mayEnd(ctx, "place.Merge", id, in.Body.From, in.Body.Note); err != nil {
			return nil, err
		}
	}
	if err := s.Merge(ctx, by(ctx), seen, in.Body.Places, ID(in.ID), in.Body.From, in.Body.Note); err != nil {
		return nil, err
	}
	return s.viewPlace(ctx, AsOf{max(in.Body.From, s.clock.Today()), s.clock.Close(s.clock.Today())}, ID(in.ID))
}

func (s *Service) httpSplit(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body struct {
		Name     string `json:"name"`
		NameEN   string `json:"name_en,omitempty"`
		Code     string `json:"code,omitempty"`
		From     Day    `json:"from"`
		Children []ID   `json:"children" maxItems:"5000" doc:"What moves to the new place"`
		Note     string `json:"note,omitempty"`
	}
},
) (*placeOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayWrite, ID(in.ID), in.Body.From); err != nil {
		return nil, err
	}
	// What it is cut off for hangs beside it, not in it: that is for who may found something there.
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	if v, ok := tree.At(AsOf{in.Body.From, s.rights.now().Known}, ID(in.ID)); ok && v.Parent != "" {
		if err := s.rights.MayChange(ctx, MayWrite, v.Parent, in.Body.From); err != nil {
			return nil, err
		}
	}
	part := NewPlace{Name: in.Body.Name, NameEN: in.Body.NameEN, Code: in.Body.Code, From: in.Body.From}
	v, err := s.Split(ctx, by(ctx), seen, ID(in.ID), part, append([]ID{}, in.Body.Children...), in.Body.Note)
	if err != nil {
		return nil, err
	}
	return s.viewNow(ctx, v)
}

type rightsOutput struct {
	Body struct {
		May []string `json:"may" doc:"Those of the things asked about that the caller may do there"`
	}
}

func (s *Service) httpRights(ctx context.Context, in *struct {
	PlaceInput
	Of []string `query:"of" required:"true" minItems:"1" maxItems:"20" doc:"Permissions, by commas: place.write,programme.approve"`
	By string   `query:"by" doc:"Of an approval: the account that handed in what is decided on"`
},
) (*rightsOutput, error) {
	if err := s.rights.May(ctx, MayRead, s.rights.now(), ID(in.ID)); err != nil {
		return nil, err
	}
	out := &rightsOutput{}
	out.Body.May = []string{}
	for _, permission := range in.Of {
		switch err := s.rights.MayApprove(ctx, permission, ID(in.ID), in.By); {
		case err == nil:
			out.Body.May = append(out.Body.May, permission)
		case fault.KindOf(err) != fault.Denied:
			return nil, err
		}
	}
	return out, nil
}
