package onvif

import (
	"context"
	"strings"
	"time"
)

const (
	nsDevice = "http://www.onvif.org/ver10/device/wsdl"
	nsMedia  = "http://www.onvif.org/ver10/media/wsdl"
	nsSchema = "http://www.onvif.org/ver10/schema"
)

// Information is what a device says of itself.
type Information struct {
	Manufacturer, Model, Firmware, Serial, Hardware string
}

// Clock asks the device's time, which needs no password, and keeps the
// difference for the tokens that follow. ok is false when it tells none.
func (c *Client) Clock(ctx context.Context) (offset time.Duration, ok bool, err error) {
	type dateTime struct {
		Time struct {
			Hour, Minute, Second int
		}
		Date struct {
			Year, Month, Day int
		}
	}
	var out struct {
		SystemDateAndTime struct {
			UTCDateTime *dateTime
		}
	}
	begin := c.o.Now()
	if err := c.call(ctx, c.base, nsDevice+"/GetSystemDateAndTime", `<GetSystemDateAndTime xmlns="`+nsDevice+`"/>`, false, &out); err != nil {
		return 0, false, err
	}
	end := c.o.Now()
	t := out.SystemDateAndTime.UTCDateTime
	if t == nil || t.Date.Year < 1970 || t.Date.Year > 2200 {
		return 0, false, nil
	}
	at := time.Date(t.Date.Year, time.Month(t.Date.Month), t.Date.Day, t.Time.Hour, t.Time.Minute, t.Time.Second, 0, time.UTC)
	// It tells whole seconds: on average half of one has passed.
	at = at.Add(500 * time.Millisecond)
	c.offset = at.Sub(begin.Add(end.Sub(begin) / 2))
	return c.offset, true, nil
}

// Information asks who made the device.
func (c *Client) Information(ctx context.Context) (Information, error) {
	var out struct {
		Manufacturer, Model, FirmwareVersion, SerialNumber, HardwareId string
	}
	err := c.call(ctx, c.base, nsDevice+"/GetDeviceInformation", `<GetDeviceInformation xmlns="`+nsDevice+`"/>`, true, &out)
	t := strings.TrimSpace
	return Information{t(out.Manufacturer), t(out.Model), t(out.FirmwareVersion), t(out.SerialNumber), t(out.HardwareId)}, err
}

// findMedia learns where the media service is.
func (c *Client) findMedia(ctx context.Context) error {
	if c.media != nil {
		return nil
	}
	var out struct {
		Capabilities struct {
			Media struct{ XAddr string }
		}
	}
	err := c.call(ctx, c.base, nsDevice+"/GetCapabilities", `<GetCapabilities xmlns="`+nsDevice+`"><Category>Media</Category></GetCapabilities>`, true, &out)
	if err != nil {
		return err
	}
	c.media = c.service(out.Capabilities.Media.XAddr)
	return nil
}
