package place

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

func (s *Service) compoundRoutes(r *api.Router) {
	api.Get(r, "/api/compounds", api.Op{
		ID: "findCompounds", Permission: MayRead, Summary: "Compounds by name, as of a day", Description: "Found by characters, pinyin, initials, or a mixture of them.",
	}, s.httpFind)
	api.Get(r, "/api/points", api.Op{ID: "listPoints", Permission: MayRead, Summary: "Where compounds lie as of a day, as far as that is known"}, s.httpPoints)
	api.Get(r, "/api/compounds/{id}", api.Op{
		ID: "getCompound", Permission: MayRead, Summary: "What a compound is as of a day: class, buildings, areas, protection, channels",
	}, s.httpCompound)
	api.Get(r, "/api/compounds/{id}/changes", api.Op{
		ID: "listCompoundChanges", Permission: MayRead, Summary: "Who changed what of a compound: name and place, classes, protection, channels, areas; before and after",
	}, s.httpChanges)
	r.Raw(http.MethodGet, "/api/compounds/{id}/evidence.zip", api.Op{
		ID: "getCompoundEvidence", Permission: MayRead, Summary: "A compound's evidence as a folder: tables, vouchers, photos, and a manifest with the SHA-256 of each", Replies: "application/zip",
		Description: "Rights are asked for each part; what is left out is named in the manifest. That it was taken is in the journal.",
	}, http.HandlerFunc(s.rawEvidence))
	api.Patch(r, "/api/compounds/{id}", api.Op{
		ID: "editCompound", Permission: MayKeep, Summary: "Say of a compound, from a day on, its name, community, class and numbers of protection",
		Description: "With If-Match, the ETag that getCompound gave. 412 when somebody has said something else since: what differs is listed, each with who said it. Numbers of protection need place.keep there, all else place.write.",
	}, s.httpEditRecord)
	api.Post(r, "/api/compounds/{id}/classes", api.Op{
		ID: "enterClass", Permission: MayWrite, Summary: "A compound enters or leaves a class, or the list of weak ones", Status: 201,
		Description: "With If-Match, the ETag that getCompound gave; 412 as for editCompound. Entering needs its criteria and its evidence; to leave a class needs a reason and a person of the level above (askForRelief). Helped is for weak compounds; demonstration and helped exclude each other.",
	}, s.httpEnter)
	api.Post(r, "/api/compounds/{id}/classes/withdrawal", api.Op{
		ID: "withdrawClass", Permission: MayWrite, Summary: "Take an entry into a class, or out of it, back as a mistake, with a reason", Status: 201,
		Description: "Who entered it does so alone on the same day; later, or another person, needs the level above (askForRelief). Days keep what they were answered with until now.",
	}, s.httpVoid)
	api.Post(r, "/api/compounds/{id}/areas", api.Op{ID: "addArea", Permission: MayKeep, Summary: "Name a part of a compound", Status: 201}, s.httpAddArea)
	api.Patch(r, "/api/areas/{id}", api.Op{
		ID: "changeArea", Permission: MayKeep, Summary: "Rename an area, or say until when it was there", Description: "With If-Match.",
	}, s.httpChangeArea)
	api.Post(r, "/api/compounds/{id}/assets", api.Op{
		ID: "countAssets", Permission: MayKeep, Summary: "Say how much protection there is from a day on", Status: 201,
		Description: "With If-Match, the ETag that getCompound gave. 412 when somebody has said something else since, as for editCompound. People, physical and technical. People are numbers only.",
	}, s.httpCount)
	api.Get(r, "/api/compounds/{id}/channels", api.Op{ID: "listChannels", Permission: MayRead, Summary: "The channels of a compound with their state as of a day"}, s.httpChannels)
	api.Post(r, "/api/compounds/{id}/channels", api.Op{
		ID: "addChannels", Permission: MayKeep, Summary: "List channels of a compound", Status: 201, Description: "With If-Match, the ETag that listChannels gave. " + channelsStale,
	}, s.httpAddChannels)
	api.Patch(r, "/api/channels/{id}", api.Op{
		ID: "changeChannel", Permission: MayKeep, Summary: "Rename a channel, or say that it watches another area",
		Description: "With If-Match. 409 for a channel that is a camera of this machine's register: it is changed there.",
	}, s.httpChangeChannel)
	api.Post(r, "/api/compounds/{id}/channel-steps", api.Op{
		ID: "stepChannels", Permission: MayKeep, Summary: "Channels are installed, networked or removed from a day on", Status: 201,
		Description: "With If-Match, the ETag that listChannels gave. " + channelsStale,
	}, s.httpSteps)
}

const channelsStale = "412 when somebody has said something else of the channels since: the channels that differ are listed."

// CompoundView gathers what the room knows of a compound as of a day.
type CompoundView struct {
	Compound  Version   `json:"compound"`
	Path      []Version `json:"path"`
	Class     Class     `json:"class"`
	Weak      bool      `json:"weak" doc:"For staff only"`
	Entries   []Entry   `json:"entries" doc:"When it entered and left its classes, and on what evidence"`
	Buildings []Version `json:"buildings"`
	Areas     []Area    `json:"areas"`
	Point     *LonLat   `json:"point,omitempty" doc:"Where it lies, if that is known"`
	Assets    []Asset   `json:"assets"`
	Channels  struct {
		Installed     int `json:"installed"`
		Networked     int `json:"networked"`
		InstalledSeen int `json:"installed_seen" doc:"Of the installed: in the register of the compound's own machine; the others were typed"`
		NetworkedSeen int `json:"networked_seen" doc:"Of the networked: its picture was seen by the compound's own machine; the others were typed"`
	} `json:"channels"`
}

type compoundOutput struct {
	ETag string `header:"ETag"`
	Body CompoundView
}

func (s *Service) httpCompound(ctx context.Context, in *struct {
	PlaceInput
	AsOfInput
	Since string `query:"since" doc:"The day that the increase of protection is counted from; the beginning of the year when left out"`
},
) (*compoundOutput, error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	y, _, _ := q.Day.Date()
	since := Date(y-1, 12, 31)
	if in.Since != "" {
		if since, err = ParseDay(in.Since); err != nil {
			return nil, err
		}
	}
	if err := s.rights.May(ctx, MayRead, q, ID(in.ID)); err != nil {
		return nil, err
	}
	return s.compoundView(ctx, q, since, ID(in.ID))
}

func (s *Service) compoundView(ctx context.Context, q AsOf, since Day, id ID) (*compoundOutput, error) {
	place, err := s.viewPlace(ctx, q, id)
	if err != nil {
		return nil, err
	}
	if place.Body.Level != Compound {
		return nil, fault.New(fault.NotFound, "place.Compound", "place.no-compound")
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	entries, err := s.Entries(ctx, id)
	if err != nil {
		return nil, err
	}
	areas, err := s.AreasKnown(ctx, q.Known, id)
	if err != nil {
		return nil, err
	}
	counts, err := s.Counts(ctx, id)
	if err != nil {
		return nil, err
	}
	steps, err := s.Steps(ctx, id)
	if err != nil {
		return nil, err
	}
	points, err := s.Points(ctx, id)
	if err != nil {
		return nil, err
	}
	tag := recordTag(tree.History(id), entries, counts, points)
	for i := range entries {
		entries[i] = entries[i].asOf(q)
	}
	v := CompoundView{
		Compound: place.Body.Version, Path: place.Body.Path, Class: ClassOf(q, entries), Weak: Marked(q, entries, MarkWeak),
		Entries:   append([]Entry{}, slices.DeleteFunc(entries, func(e Entry) bool { return !q.Sees(e.Moment) })...),
		Buildings: append([]Version{}, tree.Under(q, id)...),
		Areas:     append([]Area{}, slices.DeleteFunc(areas, func(a Area) bool { return !a.On(q.Day) })...),
		Assets:    append([]Asset{}, Assets(q, since, WithChannels(q, since, counts, steps))...),
	}
	if _, derived := ByChannels(q, steps); derived {
		for i := range v.Assets {
			a := &v.Assets[i]
			a.Listed = a.Sort == cameras && a.Building == ""
		}
	}
	hideFew(ctx, id, v.Assets, nil)
	if at := PointAt(q, points); at != (LonLat{}) {
		v.Point = &at
	}
	t := Channels(q, steps)
	v.Channels.Installed, v.Channels.Networked = t.Installed, t.Networked
	v.Channels.InstalledSeen, v.Channels.NetworkedSeen = t.InstalledSeen, t.NetworkedSeen
	return &compoundOutput{ETag: tag.String(), Body: v}, nil
}

// now is the compound after a change.
func (s *Service) now(ctx context.Context, id string) (*compoundOutput, error) {
	today := s.clock.Today()
	return s.compoundView(ctx, AsOf{today, s.clock.Close(today)}, today-30, ID(id))
}

func (s *Service) httpEnter(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body struct {
		Mark     Mark   `json:"mark" enum:"demonstration,helped,weak"`
		In       bool   `json:"in"`
		From     Day    `json:"from"`
		Criteria string `json:"criteria,omitempty"`
		Evidence string `json:"evidence,omitempty"`
	}
},
) (*compoundOutput, error) {
	b := in.Body
	seen, err := in.SeenRecord()
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayWrite, ID(in.ID), b.From); err != nil {
		return nil, err
	}
	e := Entry{Compound: ID(in.ID), Mark: b.Mark, In: b.In, Moment: Moment{About: b.From}, Criteria: b.Criteria, Evidence: b.Evidence}
	entries, err := s.Entries(ctx, e.Compound)
	if err != nil {
		return nil, err
	}
	if Lightens(s.rights.now().Known, entries, []Entry{e}) {
		if err := s.rights.MayRelieve(ctx, e.Compound, ""); err != nil {
			return nil, err
		}
	}
	if err := s.EnterSeen(ctx, by(ctx), seen, e); err != nil {
		return nil, s.inWords(ctx, ID(in.ID), err)
	}
	return s.now(ctx, in.ID)
}

type areaOutput struct {
	ETag string `header:"ETag"`
	Body Area
}

func (s *Service) httpAddArea(ctx context.Context, in *struct {
	PlaceInput
	Body struct {
		Kind     AreaKind `json:"kind" enum:"gate,road,building-entrance,car-park,yard"`
		Building ID       `json:"building,omitempty"`
		Name     string   `json:"name"`
		From     Day      `json:"from"`
	}
},
) (*areaOutput, error) {
	b := in.Body
	if err := s.rights.MayChange(ctx, MayKeep, ID(in.ID), b.From); err != nil {
		return nil, err
	}
	a, err := s.AddArea(ctx, by(ctx), Area{Compound: ID(in.ID), Building: b.Building, Kind: b.Kind, Name: b.Name, From: b.From})
	if err != nil {
		return nil, err
	}
	return &areaOutput{ETag(a.Version), a}, nil
}

func (s *Service) httpChangeArea(ctx context.Context, in *struct {
	ID string `path:"id"`
	Versioned
	Body struct {
		Name  *string `json:"name,omitempty"`
		Until *Day    `json:"until,omitempty" doc:"The first day without it"`
	}
},
) (*areaOutput, error) {
	seen, err := in.Seen()
	if err != nil {
		return nil, err
	}
	was, err := s.area(ctx, AreaID(in.ID))
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayKeep, was.Compound); err != nil {
		return nil, err
	}
	a, err := s.ChangeArea(ctx, by(ctx), AreaID(in.ID), seen, in.Body.Name, in.Body.Until)
	if err != nil {
		return nil, err
	}
	return &areaOutput{ETag(a.Version), a}, nil
}

func (s *Service) httpCount(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body struct {
		From   Day `json:"from"`
		Assets []struct {
			Sort      Sort      `json:"sort"`
			Building  ID        `json:"building,omitempty"`
			Number    *int      `json:"number,omitempty" minimum:"0" maximum:"100000" doc:"Left out: of cameras that are channels on that day, as many as those are"`
			Condition Condition `json:"condition,omitempty" enum:"good,worn,broken"`
			Checked   Day       `json:"checked,omitempty"`
		} `json:"assets" minItems:"1" maxItems:"1000"`
	}
},
) (*compoundOutput, error) {
	seen, err := in.SeenRecord()
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayKeep, ID(in.ID), in.Body.From); err != nil {
		return nil, err
	}
	var list []Count
	for _, a := range in.Body.Assets {
		c := Count{
			Compound: ID(in.ID), Building: a.Building, Sort: a.Sort, Moment: Moment{About: in.Body.From}, Number: Unsaid,
			Condition: a.Condition, Checked: a.Checked,
		}
		if a.Number != nil {
			c.Number = *a.Number
		}
		list = append(list, c)
	}
	if err := s.CountSeen(ctx, by(ctx), ID(in.ID), seen, list); err != nil {
		return nil, s.inWords(ctx, ID(in.ID), err)
	}
	return s.now(ctx, in.ID)
}

// ChannelView is a channel with its state as of a day.
type ChannelView struct {
	Channel
	State ChannelState `json:"state"`
	Since Day          `json:"since" doc:"The day from which it is in this state"`
	Seen  bool         `json:"seen" doc:"The register of the compound's own machine says so; false: it was typed"`
}

type channelsOutput struct {
	ETag string `header:"ETag"`
	Body struct {
		Channels []ChannelView `json:"channels"`
	}
}

func (s *Service) httpChannels(ctx context.Context, in *struct {
	PlaceInput
	AsOfInput
},
) (*channelsOutput, error) {
	q, err := in.AsOf(s.clock)
	if err != nil {
		return nil, err
	}
	if err := s.rights.May(ctx, MayRead, q, ID(in.ID)); err != nil {
		return nil, err
	}
	return s.channelsAt(ctx, q, ID(in.ID))
}

func (s *Service) channelsAt(ctx context.Context, q AsOf, id ID) (*channelsOutput, error) {
	list, err := s.Channels(ctx, id)
	if err != nil {
		return nil, err
	}
	steps, err := s.Steps(ctx, id)
	if err != nil {
		return nil, err
	}
	tag, _, err := s.channelsTagOf(ctx, list, steps)
	if err != nil {
		return nil, err
	}
	mine := map[ChannelID][]ChannelStep{}
	for _, st := range steps {
		mine[st.Channel] = append(mine[st.Channel], st)
	}
	if list, err = s.channelsKnown(ctx, q.Known, list); err != nil {
		return nil, err
	}
	out := &channelsOutput{ETag: tag.String()}
	out.Body.Channels = []ChannelView{}
	for _, c := range list {
		if i := Picks(q, mine[c.ID], (*ChannelStep).moment); i >= 0 {
			st := mine[c.ID][i]
			out.Body.Channels = append(out.Body.Channels, ChannelView{c, st.State, st.About, st.Seen()})
		}
	}
	slices.SortStableFunc(out.Body.Channels, func(a, b ChannelView) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

func (s *Service) httpAddChannels(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body struct {
		From     Day          `json:"from"`
		State    ChannelState `json:"state" enum:"installed,networked"`
		Channels []struct {
			Name string   `json:"name"`
			Area AreaKind `json:"area" enum:"gate,road,building-entrance,car-park,yard"`
		} `json:"channels" minItems:"1" maxItems:"1000"`
	}
},
) (*channelsOutput, error) {
	id := ID(in.ID)
	seen, err := in.SeenRecord()
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayKeep, id, in.Body.From); err != nil {
		return nil, err
	}
	var list []Channel
	var steps []ChannelStep
	for _, c := range in.Body.Channels {
		cid, err := newID(ChannelID(""), "place.AddChannels")
		if err != nil {
			return nil, err
		}
		list = append(list, Channel{ID: cid, Compound: id, Name: c.Name, Area: c.Area})
		steps = append(steps, ChannelStep{Channel: cid, Compound: id, State: in.Body.State, Moment: Moment{About: in.Body.From}})
	}
	if err := s.AddChannelsSeen(ctx, by(ctx), id, seen, list, steps); err != nil {
		return nil, s.inWords(ctx, ID(in.ID), err)
	}
	return s.channelsAt(ctx, AsOf{max(in.Body.From, s.clock.Today()), s.clock.Close(s.clock.Today())}, id)
}

func (s *Service) httpSteps(ctx context.Context, in *struct {
	PlaceInput
	Versioned
	Body struct {
		From     Day          `json:"from"`
		State    ChannelState `json:"state" enum:"installed,networked,removed"`
		Channels []ChannelID  `json:"channels" minItems:"1" maxItems:"1000"`
	}
},
) (*channelsOutput, error) {
	id := ID(in.ID)
	seen, err := in.SeenRecord()
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayKeep, id, in.Body.From); err != nil {
		return nil, err
	}
	var steps []ChannelStep
	for _, c := range in.Body.Channels {
		steps = append(steps, ChannelStep{Channel: c, Compound: id, State: in.Body.State, Moment: Moment{About: in.Body.From}})
	}
	if err := s.StepChannelsSeen(ctx, by(ctx), id, seen, steps); err != nil {
		return nil, s.inWords(ctx, ID(in.ID), err)
	}
	return s.channelsAt(ctx, AsOf{max(in.Body.From, s.clock.Today()), s.clock.Close(s.clock.Today())}, id)
}
