package place

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"linli.dev/linli/api"
	"linli.dev/linli/fault"
)

// MayReport is the permission of a compound's own machine; tokens alone hold it.
const MayReport = "node.report"

func (s *Service) reportRoutes(r *api.Router) {
	api.Get(r, "/api/register", api.Op{
		ID: "getOwnCompound", Permission: MayReport, Summary: "Which compound the caller's token is for",
		Description: "For a compound's own machine, before its first report.",
	}, s.httpOwn)
	api.Put(r, "/api/compounds/{id}/register", api.Op{
		ID: "reportRegister", Permission: MayReport, Summary: "A compound's own machine says which cameras it has registered and seen",
		Description: "All of them, each time; said again it changes nothing. Nothing else about a camera is taken: no angle, source, address, picture or outage. 409 when another machine is the compound's. What is said is stamped with the programme's day; a machine that falls silent is seen no longer once the programme's span is over.",
	}, s.httpReport)
	api.Delete(r, "/api/compounds/{id}/register", api.Op{
		ID: "releaseRegister", Permission: mayTieNode, Summary: "Forget which machine reports for a compound, so that another one can", Status: http.StatusNoContent,
	}, s.httpRelease)
	api.Get(r, "/api/registers", api.Op{
		ID: "listRegisters", Permission: MayKeep, Summary: "The compounds whose own machines report, and when each last did",
		Description: "For those who keep what a compound has: that a machine is silent is for staff.",
	}, s.httpRegisters)
}

// own is the one compound that a program's token is for.
func own(ctx context.Context) (ID, error) {
	who := api.CallerFrom(ctx)
	if len(who.Offices) != 1 || who.Offices[0].Place == "" {
		return "", fault.New(fault.Denied, "place.own", "place.report.no-place")
	}
	return ID(who.Offices[0].Place), nil
}

type ownOutput struct {
	Body struct {
		Compound ID     `json:"compound"`
		Name     string `json:"name"`
		Day      Day    `json:"day" doc:"Today by the programme's clock"`
	}
}

func (s *Service) httpOwn(ctx context.Context, _ *struct{}) (*ownOutput, error) {
	id, err := own(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.rights.MayChange(ctx, MayReport, id); err != nil {
		return nil, err
	}
	out := &ownOutput{}
	out.Body.Compound, out.Body.Day = id, s.clock.Today()
	out.Body.Name, err = s.nameNow(ctx, id)
	return out, err
}

// nameNow is the last name of a place.
func (s *Service) nameNow(ctx context.Context, id ID) (string, error) {
	tree, err := s.Tree(ctx)
	if h := tree.History(id); err == nil && len(h) > 0 {
		return h[len(h)-1].Name, nil
	}
	return "", err
}

type reportOutput struct {
	Body struct {
		Compound  ID     `json:"compound"`
		Name      string `json:"name"`
		Day       Day    `json:"day" doc:"What was said is stamped with it, by the programme's clock"`
		Cameras   int    `json:"cameras" doc:"In use"`
		Installed int    `json:"installed" doc:"Channels of the compound"`
		Networked int    `json:"networked"`
	}
}

func (s *Service) httpReport(ctx context.Context, in *struct {
	PlaceInput
	Body struct {
		Cameras []Reported `json:"cameras" nullable:"false" doc:"All of them: what is left out is gone"`
	}
},
) (*reportOutput, error) {
	id := ID(in.ID)
	if err := s.rights.MayChange(ctx, MayReport, id); err != nil {
		return nil, err
	}
	r, err := s.Report(ctx, by(ctx), id, in.Body.Cameras)
	if err != nil {
		return nil, err
	}
	out := &reportOutput{}
	b := &out.Body
	b.Compound, b.Day, b.Cameras = id, r.Day, r.inUse()
	if b.Name, err = s.nameNow(ctx, id); err != nil {
		return nil, err
	}
	steps, err := s.Steps(ctx, id)
	if err != nil {
		return nil, err
	}
	t := Channels(s.clock.AtClose(r.Day), steps)
	b.Installed, b.Networked = t.Installed, t.Networked
	return out, nil
}

func (r *Report) inUse() (n int) {
	for _, c := range r.Cameras {
		if c.InUse {
			n++
		}
	}
	return n
}

func (s *Service) httpRelease(ctx context.Context, in *PlaceInput) (*struct{}, error) {
	return nil, s.Release(ctx, by(ctx), ID(in.ID))
}

// RegisterView is a compound whose own machine reports.
type RegisterView struct {
	Compound ID        `json:"compound"`
	Name     string    `json:"name"`
	County   string    `json:"county"`
	Cameras  int       `json:"cameras" doc:"In use"`
	Day      Day       `json:"day" doc:"Of the last report, by the programme's clock"`
	Since    time.Time `json:"since" doc:"Of the first report, by the server's clock"`
	At       time.Time `json:"at" doc:"Of the last report, by the server's clock"`
	Silent   bool      `json:"silent" doc:"It should have reported again by now"`
}

type registersOutput struct {
	Body struct {
		Registers []RegisterView `json:"registers" doc:"Those that have been silent for longest first"`
	}
}

// silentAfter is after how long a machine counts as silent: it reports every ten minutes, and tries again for that long when
// it cannot.
const silentAfter = time.Hour

func (s *Service) httpRegisters(ctx context.Context, _ *struct{}) (*registersOutput, error) {
	q := s.clock.AtClose(s.clock.Today())
	scope, err := s.rights.Scope(ctx, MayKeep, q)
	if err != nil {
		return nil, err
	}
	list, err := s.Reports(ctx)
	if err != nil {
		return nil, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	out := &registersOutput{}
	out.Body.Registers = []RegisterView{}
	for _, r := range list {
		if !scope.Has(r.Compound) {
			continue
		}
		out.Body.Registers = append(out.Body.Registers, viewRegister(tree, q, &r))
	}
	slices.SortStableFunc(out.Body.Registers, func(a, b RegisterView) int { return cmp.Compare(a.At.UnixMicro(), b.At.UnixMicro()) })
	return out, nil
}

func viewRegister(tree *Tree, q AsOf, r *Report) RegisterView {
	v := RegisterView{
		Compound: r.Compound, Cameras: r.inUse(), Day: r.Day, Since: r.Since, At: r.At, Silent: time.Since(r.At) > silentAfter,
	}
	if h := tree.History(r.Compound); len(h) > 0 {
		v.Name = h[len(h)-1].Name
	}
	if county, ok := tree.Above(q, r.Compound, County); ok {
		v.County = county.Name
	}
	return v
}

// elsewhere is the machine that reports for a compound; nil when there is none, or the caller keeps nothing there.
func (s *Service) elsewhere(ctx context.Context, compound ID) (*RegisterView, error) {
	q := s.clock.AtClose(s.clock.Today())
	if may, err := Permitted(s.rights.May(ctx, MayKeep, q, compound)); err != nil || !may {
		return nil, err
	}
	list, err := s.Reports(ctx, compound)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	tree, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	v := viewRegister(tree, q, &list[0])
	return &v, nil
}
