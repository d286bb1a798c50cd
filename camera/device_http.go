package camera

import (
	"context"

	"linli.dev/linli/api"
)

func (s *Service) deviceRoutes(r *api.Router) {
	api.Get(r, "/api/devices", api.Op{ID: "listDevices", Permission: MayRead, Summary: "Devices: cameras of their own and recorders"}, s.httpDevices)
	api.Post(r, "/api/devices", api.Op{ID: "addDevice", Permission: MayWrite, Summary: "Register a device", Status: 201}, s.httpAddDevice)
	api.Get(r, "/api/devices/{id}", api.Op{ID: "getDevice", Permission: MayRead, Summary: "One device"}, s.httpDevice)
	api.Patch(r, "/api/devices/{id}", api.Op{
		ID: "changeDevice", Permission: MayWrite, Summary: "Edit a device",
		Description: "With If-Match, or version in the body. Moving it to another host needs its secret again.",
	}, s.httpChangeDevice)
	api.Delete(r, "/api/devices/{id}", api.Op{ID: "removeDevice", Permission: MayWrite, Summary: "Remove a device without cameras"}, s.httpRemoveDevice)
}

// DeviceView is a device as a caller sees it.
type DeviceView struct {
	Device
	Warnings []Warning `json:"warnings,omitempty"`
}

// viewDevice leaves out where a device is for those who may not edit it.
func viewDevice(ctx context.Context, d Device, ws []Warning) DeviceView {
	if !mayEdit(ctx) {
		d.Host, d.Port, d.OnvifPort, d.OnvifTLS = "", 0, 0, false
	}
	return DeviceView{d, sayWarnings(ctx, ws)}
}

type devicesOutput struct {
	Body struct {
		Devices []DeviceView `json:"devices"`
	}
}

func (s *Service) httpDevices(ctx context.Context, _ *struct{}) (*devicesOutput, error) {
	list, err := s.Devices(ctx)
	if err != nil {
		return nil, err
	}
	out := &devicesOutput{}
	out.Body.Devices = make([]DeviceView, len(list))
	for i, d := range list {
		out.Body.Devices[i] = viewDevice(ctx, d, nil)
	}
	return out, nil
}

// DeviceIDInput names a device.
type DeviceIDInput struct {
	ID string `path:"id"`
}

type deviceOutput struct {
	ETag     string `header:"ETag"`
	Location string `header:"Location"`
	Body     DeviceView
}

func deviceReply(ctx context.Context, d Device, ws []Warning) *deviceOutput {
	return &deviceOutput{ETag: etag(d.Version), Location: "/api/devices/" + string(d.ID), Body: viewDevice(ctx, d, ws)}
}

func (s *Service) httpDevice(ctx context.Context, in *DeviceIDInput) (*deviceOutput, error) {
	d, err := s.Device(ctx, DeviceID(in.ID))
	if err != nil {
		return nil, err
	}
	return deviceReply(ctx, d, nil), nil
}

type addDeviceInput struct{ Body DeviceEdit }

func (s *Service) httpAddDevice(ctx context.Context, in *addDeviceInput) (*deviceOutput, error) {
	w, err := s.AddDevice(ctx, by(ctx), in.Body)
	if err != nil {
		return nil, err
	}
	return deviceReply(ctx, w.Value, w.Warnings), nil
}

type changeDeviceInput struct {
	DeviceIDInput
	Versioned
	Body struct {
		DeviceEdit
		Version int64 `json:"version,omitempty" doc:"The version that was seen, where If-Match is not sent"`
	}
}

func (s *Service) httpChangeDevice(ctx context.Context, in *changeDeviceInput) (*deviceOutput, error) {
	v, err := in.version(in.Body.Version)
	if err != nil {
		return nil, err
	}
	w, err := s.ChangeDevice(ctx, by(ctx), DeviceID(in.ID), v, in.Body.DeviceEdit)
	if err != nil {
		return nil, err
	}
	return deviceReply(ctx, w.Value, w.Warnings), nil
}

func (s *Service) httpRemoveDevice(ctx context.Context, in *DeviceIDInput) (*struct{}, error) {
	return nil, s.RemoveDevice(ctx, by(ctx), DeviceID(in.ID))
}
