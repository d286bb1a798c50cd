package place

import (
	"cmp"
	"context"
	"slices"
	"time"

	"linli.dev/linli/api"
)

// Permissions about the machine itself, of the guards and operators who stand
// beside it.
const (
	mayReadNode = "system.read"
	mayTieNode  = "system.write"
)

func (s *Service) nodeRoutes(r *api.Router) {
	api.Get(r, "/api/node", api.Op{ID: "getNode", Permission: mayReadNode, Summary: "The compound that the cameras of this machine belong to"}, s.httpNode)
	api.Put(r, "/api/node", api.Op{
		ID: "tieNode", Permission: mayTieNode, Summary: "Say which compound the cameras of this machine belong to",
		Description: "With If-Match once it has been said. A camera without a chosen channel is the one of its name in the compound's list, or becomes a new one. From then on the register is the evidence for what is installed and networked there.",
	}, s.httpTie)
	api.Get(r, "/api/node/changes", api.Op{ID: "listNodeChanges", Permission: mayReadNode, Summary: "Who tied the cameras of this machine to which compound"}, s.httpNodeChanges)
	api.Get(r, "/api/node/plan", api.Op{ID: "planNode", Permission: mayTieNode, Summary: "Which channel of a compound's list each camera of this machine would be", Description: "Changes nothing."}, s.httpPlan)
	api.Get(r, "/api/compounds/{id}/cameras", api.Op{
		ID: "listCompoundCameras", Permission: MayRead, Summary: "The compound's cameras on this machine with their state now",
		Description: "Empty when they are on another machine, of which it is said that it reports. State only, by the machine's clock; pictures are had through the door.",
	}, s.httpCameras)
}

type nodeOutput struct {
	ETag string `header:"ETag"`
	Body Node
}

func (s *Service) httpNode(ctx context.Context, _ *struct{}) (*nodeOutput, error) {
	n, err := s.Node(ctx)
	return &nodeOutput{ETag(n.Version), n}, err
}

func (s *Service) httpNodeChanges(ctx context.Context, _ *struct{}) (*TracesOutput, error) {
	return TracesReply(s.Traces(ctx, s.clock.Close(s.clock.Today()), nodeRecord))
}

func (s *Service) httpTie(ctx context.Context, in *struct {
	Versioned
	Body struct {
		Compound ID                     `json:"compound"`
		Channels map[CameraID]ChannelID `json:"channels,omitempty" doc:"For some cameras, the channel that each is"`
	}
},
) (*nodeOutput, error) {
	var seen int64
	if in.IfMatch != "" {
		var err error
		if seen, err = in.Seen(); err != nil {
			return nil, err
		}
	}
	if err := s.TieNode(ctx, by(ctx), seen, in.Body.Compound, in.Body.Channels); err != nil {
		return nil, err
	}
	return s.httpNode(ctx, nil)
}

// Meeting is a camera and the channel that it is, or would be.
type Meeting struct {
	Camera  CameraID  `json:"camera"`
	Name    string    `json:"name"`
	Area    AreaKind  `json:"area" enum:"gate,road,building-entrance,car-park,yard"`
	Channel ChannelID `json:"channel,omitempty" doc:"Left out: a new one is listed"`
	Tied    bool      `json:"tied" doc:"It is so already"`
}

type planOutput struct {
	Body struct {
		Cameras  []Meeting     `json:"cameras"`
		Channels []ChannelView `json:"channels" doc:"The compound's list, for choosing"`
	}
}

func (s *Service) httpPlan(ctx context.Context, in *struct {
	Compound string `query:"compound" required:"true"`
},
) (*planOutput, error) {
	id := ID(in.Compound)
	cameras, err := s.Registered(ctx)
	if err != nil {
		return nil, err
	}
	node, err := s.Node(ctx)
	if err != nil {
		return nil, err
	}
	var ties []Tie
	if node.Compound == id {
		if ties, err = s.TiesOf(ctx, Here); err != nil {
			return nil, err
		}
	}
	channels, err := s.Channels(ctx, id)
	if err != nil {
		return nil, err
	}
	views, err := s.channelsAt(ctx, s.clock.AtClose(s.clock.Today()), id)
	if err != nil {
		return nil, err
	}
	out := &planOutput{}
	out.Body.Channels = slices.DeleteFunc(views.Body.Channels, func(c ChannelView) bool { return c.State == Removed })
	met := meet(cameras, channels, ties, nil)
	out.Body.Cameras = []Meeting{}
	for _, c := range cameras {
		m := Meeting{Camera: c.Camera, Name: c.Name, Area: c.Area, Channel: met[c.Camera]}
		if i := slices.IndexFunc(ties, func(t Tie) bool { return t.Camera == c.Camera }); i >= 0 {
			m.Channel, m.Tied = ties[i].Channel, true
		}
		if c.InUse || m.Tied {
			out.Body.Cameras = append(out.Body.Cameras, m)
		}
	}
	return out, nil
}

// CameraView is a camera of a compound as staff may know it: whether it gives a
// picture, not what is in it.
type CameraView struct {
	Camera  CameraID  `json:"camera"`
	Name    string    `json:"name"`
	Area    AreaKind  `json:"area" enum:"gate,road,building-entrance,car-park,yard"`
	Channel ChannelID `json:"channel,omitempty" doc:"In the compound's list"`
	Picture bool      `json:"picture" doc:"It gives a usable picture now"`
	State   string    `json:"state"`
	Says    string    `json:"says"`
	Since   time.Time `json:"since" doc:"By the machine's clock"`
	Seen    Day       `json:"seen,omitempty" doc:"The last day with a picture, by the programme's clock"`
}

type camerasOutput struct {
	Body struct {
		Here      bool          `json:"here" doc:"This machine is the compound's"`
		Elsewhere *RegisterView `json:"elsewhere,omitempty" doc:"The compound's own machine is another one, and reports; for those who keep what the compound has"`
		Cameras   []CameraView  `json:"cameras"`
		Now       time.Time     `json:"now" doc:"The machine's clock"`
	}
}

func (s *Service) httpCameras(ctx context.Context, in *PlaceInput) (*camerasOutput, error) {
	if err := s.rights.May(ctx, MayRead, s.clock.AtClose(s.clock.Today()), ID(in.ID)); err != nil {
		return nil, err
	}
	out := &camerasOutput{}
	out.Body.Cameras, out.Body.Now = []CameraView{}, time.Now()
	node, err := s.Node(ctx)
	if err != nil {
		return nil, err
	}
	if node.Compound != ID(in.ID) {
		out.Body.Elsewhere, err = s.elsewhere(ctx, ID(in.ID))
		return out, err
	}
	out.Body.Here = true
	cameras, err := s.Registered(ctx)
	if err != nil {
		return nil, err
	}
	ties, err := s.TiesOf(ctx, Here)
	if err != nil {
		return nil, err
	}
	for _, c := range cameras {
		v := CameraView{Camera: c.Camera, Name: c.Name, Area: c.Area, Picture: c.Picture, State: c.State, Says: c.Says, Since: c.Since}
		if i := slices.IndexFunc(ties, func(t Tie) bool { return t.Camera == c.Camera }); i >= 0 {
			v.Channel, v.Seen = ties[i].Channel, ties[i].Seen
		}
		out.Body.Cameras = append(out.Body.Cameras, v)
	}
	slices.SortStableFunc(out.Body.Cameras, func(a, b CameraView) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}
