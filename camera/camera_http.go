package camera

import (
	"context"
	"slices"

	"linli.dev/linli/api"
)

func (s *Service) cameraRoutes(r *api.Router) {
	api.Get(r, "/api/cameras", api.Op{ID: "listCameras", Permission: MayRead, Summary: "Cameras with their health at a glance"}, s.httpCameras)
	api.Post(r, "/api/cameras", api.Op{
		ID: "addCamera", Permission: MayWrite, Summary: "Register a camera", Status: 201,
		Description: "A forbidden place is refused (forbidden-place). Words that name one but may mean its outside are asked about (confirm-outside): answer with looks_at_outside.",
	}, s.httpAdd)
	api.Get(r, "/api/cameras/{id}", api.Op{ID: "getCamera", Permission: MayRead, Summary: "One camera"}, s.httpCamera)
	api.Patch(r, "/api/cameras/{id}", api.Op{
		ID: "changeCamera", Permission: MayWrite, Summary: "Edit, disable or enable a camera",
		Description: "With If-Match, or version in the body.",
	}, s.httpChange)
	api.Delete(r, "/api/cameras/{id}", api.Op{
		ID: "removeCamera", Permission: MayWrite, Summary: "Take a camera out of the register",
		Description: "Its footage keeps its retention.",
	}, s.httpRemove)
	api.Get(r, "/api/camera-choices", api.Op{ID: "listCameraChoices", Permission: MayRead, Summary: "Kinds of area and legal bases, in words"}, s.httpChoices)
}

// View is a camera as a page shows it.
type View struct {
	Camera
	DeviceName string     `json:"device_name"`
	DeviceKind DeviceKind `json:"device_kind"`
	DeviceCall string     `json:"device_call_note" doc:"Whom to call when the device is red, where the camera says nothing itself (staff)"`
	Health     Health     `json:"health"`
	Warnings   []Warning  `json:"warnings,omitempty"`
}

// Views lists the cameras in line, with device and health: one query.
func (s *Service) Views(ctx context.Context) ([]View, error) {
	var rows []struct {
		cameraRow  `bun:",extend"`
		DeviceName string     `bun:"device_name"`
		DeviceKind DeviceKind `bun:"device_kind"`
		DeviceCall string     `bun:"device_call"`
	}
	err := s.db.NewSelect().Model(&rows).Join("JOIN devices AS d ON d.id = c.device").
		ColumnExpr("c.*, d.name AS device_name, d.kind AS device_kind, d.call_note AS device_call").
		Where("c.deleted_us = 0").Scan(ctx)
	if err != nil {
		return nil, dbError("camera.Views", err)
	}
	out := make([]View, len(rows))
	for i := range rows {
		c := rows[i].camera()
		out[i] = View{Camera: c, DeviceName: rows[i].DeviceName, DeviceKind: rows[i].DeviceKind, DeviceCall: rows[i].DeviceCall, Health: s.healthOf(c)}
	}
	slices.SortFunc(out, inLine)
	return out, nil
}

func (s *Service) healthOf(c Camera) Health {
	if c.Disabled {
		return Health{State: Disabled, Since: c.Changed, Streams: []StreamHealth{}}
	}
	return s.Health(c.ID)
}

func (s *Service) view(ctx context.Context, c Camera, ws []Warning) (View, error) {
	d, err := s.deviceRow(ctx, s.db, c.Device)
	if err != nil {
		return View{}, err
	}
	v := View{Camera: c, DeviceName: d.Name, DeviceKind: d.Kind, DeviceCall: d.CallNote, Health: s.healthOf(c), Warnings: sayWarnings(ctx, ws)}
	v.Health.words(ctx)
	return v, nil
}

type camerasOutput struct {
	Body struct {
		Cameras []View `json:"cameras"`
	}
}

func (s *Service) httpCameras(ctx context.Context, _ *struct{}) (*camerasOutput, error) {
	list, err := s.Views(ctx)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Health.words(ctx)
	}
	out := &camerasOutput{}
	out.Body.Cameras = list
	return out, nil
}

// IDInput names a camera.
type IDInput struct {
	ID string `path:"id"`
}

type cameraOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     View
}

func (s *Service) reply(ctx context.Context, c Camera, ws []Warning) (*cameraOutput, error) {
	v, err := s.view(ctx, c, ws)
	if err != nil {
		return nil, err
	}
	return &cameraOutput{ETag: etag(c.Version), Location: "/api/cameras/" + string(c.ID), Body: v}, nil
}

func (s *Service) httpCamera(ctx context.Context, in *IDInput) (*cameraOutput, error) {
	c, err := s.Camera(ctx, ID(in.ID))
	if err != nil {
		return nil, err
	}
	return s.reply(ctx, c, nil)
}

type addInput struct{ Body Edit }

func (s *Service) httpAdd(ctx context.Context, in *addInput) (*cameraOutput, error) {
	w, err := s.Add(ctx, by(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	return s.reply(ctx, w.Value, w.Warnings)
}

type changeInput struct {
	IDInput
	Versioned
	Body struct {
		Edit
		Version int64 `json:"version,omitempty" doc:"The version that was seen, where If-Match is not sent"`
	}
}

func (s *Service) httpChange(ctx context.Context, in *changeInput) (*cameraOutput, error) {
	v, err := in.version(in.Body.Version)
	if err != nil {
		return nil, err
	}
	w, err := s.Change(ctx, by(ctx), ID(in.ID), v, in.Body.Edit)
	if err != nil {
		return nil, err
	}
	return s.reply(ctx, w.Value, w.Warnings)
}

func (s *Service) httpRemove(ctx context.Context, in *IDInput) (*struct{}, error) {
	return nil, s.Remove(ctx, by(ctx), ID(in.ID))
}

// ChoiceView is a value of a closed list with its word.
type ChoiceView struct {
	Key       string `json:"key"`
	Label     string `json:"label"`
	LeastDays int    `json:"least_days,omitempty" doc:"Legal basis: footage is kept so long at least"`
	MostDays  int    `json:"most_days,omitempty" doc:"Legal basis: footage is kept so long at most"`
}

type choicesOutput struct {
	Body struct {
		AreaKinds []ChoiceView `json:"area_kinds"`
		Bases     []ChoiceView `json:"bases"`
		Keep      int          `json:"retention_days" doc:"What a new camera's form begins with"`
	}
}

func (s *Service) httpChoices(ctx context.Context, _ *struct{}) (*choicesOutput, error) {
	lang := api.Language(ctx)
	out := &choicesOutput{}
	out.Body.Keep = s.o.Keep
	for i, l := range labels(areaChoices, lang) {
		out.Body.AreaKinds = append(out.Body.AreaKinds, ChoiceView{Key: areaChoices[i].key, Label: l})
	}
	for i, l := range labels(basisChoices, lang) {
		r, _ := Basis(basisChoices[i].key).rule()
		out.Body.Bases = append(out.Body.Bases, ChoiceView{Key: basisChoices[i].key, Label: l, LeastDays: r.Least, MostDays: r.Most})
	}
	return out, nil
}
