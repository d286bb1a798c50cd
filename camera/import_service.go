package camera

import (
	"context"
	"slices"

	"linli.dev/linli/fault"
	"linli.dev/linli/store"
)

// maxProblems bounds an answer; the rest is counted.
const maxProblems = 500

// ImportAnswer is what a list would do (dry run) or did.
type ImportAnswer struct {
	Committed bool          `json:"committed"`
	Rows      int           `json:"rows" doc:"Rows with something in them"`
	Faulty    int           `json:"faulty" doc:"Rows with a problem"`
	Cameras   int           `json:"cameras" doc:"New cameras, of the rows without a problem"`
	Devices   int           `json:"devices" doc:"New devices, of the rows without a problem"`
	Skipped   int           `json:"skipped" doc:"Rows that repeat another or are registered already"`
	Problems  []CellProblem `json:"problems"`
	Warnings  []CellProblem `json:"warnings"`
	More      int           `json:"more" doc:"Problems and warnings beyond those listed"`
}

// Import reads a list. Without commit nothing is stored; with it, all rows are
// stored in one transaction, or none when a single cell is wrong.
func (s *Service) Import(ctx context.Context, by, lang string, file []byte, commit bool) (*ImportAnswer, error) {
	const op = "camera.Import"
	sheets, err := readTable(file)
	if err != nil {
		return nil, err
	}
	p, err := readPlan(sheets, s.o.Targets, lang)
	if err != nil {
		return nil, err
	}
	rows := len(p.rows) + len(p.skipped)
	var a *ImportAnswer
	run := func(ctx context.Context, tx *store.Tx) error {
		q := *p // compare adds to it; a transaction may run twice
		q.problems, q.warnings, q.rows = slices.Clone(p.problems), slices.Clone(p.warnings), slices.Clone(p.rows)
		q.skipped = slices.Clone(p.skipped)
		if err := s.compare(ctx, &q); err != nil {
			return err
		}
		inOrder(q.problems)
		inOrder(q.warnings)
		good, faulty, skipped := q.partRows()
		a = &ImportAnswer{Rows: rows, Faulty: faulty, Cameras: len(good), Devices: len(q.newDevices(good)), Skipped: skipped, Problems: q.problems, Warnings: q.warnings}
		if tx == nil || len(q.problems) > 0 || len(q.rows) == 0 {
			return nil
		}
		a.Committed = true
		return s.insertPlan(ctx, tx, by, &q)
	}
	if commit && len(p.problems) == 0 {
		err = s.db.Change(ctx, run)
	} else {
		err = run(ctx, nil)
	}
	if err != nil {
		return nil, dbError(op, err)
	}
	if commit && len(a.Problems) > 0 {
		bad := fault.New(fault.Invalid, op, "camera.import.bad", "count", len(a.Problems))
		for _, c := range a.Problems[:min(len(a.Problems), maxProblems)] {
			path := c.Cell
			if c.Sheet != "" {
				path = c.Sheet + "!" + c.Cell
			}
			bad.Fields = append(bad.Fields, fault.Field{Path: path, Code: c.Code, Args: c.Args})
		}
		return nil, bad
	}
	a.bound()
	return a, nil
}

func (a *ImportAnswer) bound() {
	for _, list := range []*[]CellProblem{&a.Problems, &a.Warnings} {
		if len(*list) > maxProblems {
			a.More += len(*list) - maxProblems
			*list = (*list)[:maxProblems]
		}
		if *list == nil {
			*list = []CellProblem{}
		}
	}
}

func (p *plan) newDevices(rows []*planned) []*plannedDevice {
	used := map[*plannedDevice]bool{}
	for _, r := range rows {
		used[r.device] = true
	}
	var out []*plannedDevice
	for _, k := range p.order {
		if d := p.devices[k]; used[d] && !d.exists {
			out = append(out, d)
		}
	}
	return out
}

// compare holds the plan against what is registered: devices of the same host
// are joined, cameras that are there already are skipped.
func (s *Service) compare(ctx context.Context, p *plan) error {
	var devices []deviceRow
	if err := s.db.NewSelect().Model(&devices).Where("deleted_us = 0").OrderExpr("id").Scan(ctx); err != nil {
		return err
	}
	var cameras []cameraRow
	if err := s.db.NewSelect().Model(&cameras).Column("id", "device", "channel", "name", "main").Where("deleted_us = 0").Scan(ctx); err != nil {
		return err
	}
	byID, byKey := map[DeviceID]*Device{}, map[deviceKey]*Device{}
	for i := range devices {
		d := devices[i].device()
		byID[d.ID] = &d
		if k := (deviceKey{d.Host, d.Port, d.TLS}); byKey[k] == nil {
			byKey[k] = &d
		}
	}
	there, names := map[string]string{}, map[string]bool{}
	for i := range cameras {
		c := &cameras[i]
		names[c.Name] = true
		d := byID[c.Device]
		var a address
		if d == nil || s.open(c.Main, addressContext(c.ID, "main"), &a) != nil {
			continue
		}
		there[d.Host+"\x00"+a.url(d, "rtsp")] = c.Name
	}
	for _, k := range p.order {
		p.devices[k].exists = false
		if d := byKey[k]; d != nil {
			// The registered device stands; its secret is not compared, so
			// that an import is no way to guess it.
			dev := p.devices[k]
			dev.exists, dev.ID = true, d.ID
			dev.Device.Channels = d.Channels
			for _, r := range dev.rows {
				if r.camera.Channel > d.Channels {
					p.bad(r, "channel", "camera.field.channel", "most", d.Channels)
				}
			}
		}
	}
	var keep []*planned
	for _, r := range p.rows {
		if r.device != nil {
			g, _ := parseGiven(r.main)
			a, _ := g.onDevice(&r.device.Device, r.camera.Channel, rtspSchemes...)
			if name, ok := there[r.device.Host+"\x00"+a.url(&r.device.Device, "rtsp")]; ok {
				p.warn(r, "main", "camera.import.same-camera", "name", name)
				p.skipped = append(p.skipped, r)
				continue
			}
		}
		for _, f := range s.named(r.camera.Name) {
			p.bad(r, f.Path, f.Code)
		}
		if names[r.camera.Name] {
			p.warn(r, "name", "camera.warn.same-name", "name", r.camera.Name)
		}
		keep = append(keep, r)
	}
	p.rows = keep
	return nil
}

// insertPlan writes devices and cameras in batches.
func (s *Service) insertPlan(ctx context.Context, tx *store.Tx, by string, p *plan) error {
	now := s.clock.dated()
	var devices []*deviceRow
	ids := map[*plannedDevice]DeviceID{}
	rows := map[*plannedDevice]*deviceRow{}
	for _, d := range p.newDevices(p.rows) {
		dev := d.Device
		dev.ID, dev.Version, dev.Created, dev.Changed = DeviceID(store.NewID()), 1, now, now
		row := rowOfDevice(dev)
		if err := s.sealSecret(row, d.secret); err != nil {
			return err
		}
		ids[d], rows[d] = dev.ID, row
		devices = append(devices, row)
		if err := tx.Emit("camera", "device.created", string(dev.ID), map[string]any{"name": dev.Name, "kind": dev.Kind, "by": by, "import": true}); err != nil {
			return err
		}
	}
	var cameras []*cameraRow
	var pauses []*pauseRow
	for _, r := range p.rows {
		c := r.camera
		row := &cameraRow{ID: ID(store.NewID()), Version: 1, CreatedUS: store.Micros(now), ChangedUS: store.Micros(now)}
		if r.device.exists {
			c.Device = r.device.ID
		} else {
			c.Device = ids[r.device]
		}
		for _, f := range []struct {
			what, value string
			schemes     []string
		}{{"main", r.main, rtspSchemes}, {"sub", r.sub, rtspSchemes}, {"snapshot", r.snap, httpSchemes}} {
			if f.value == "" {
				continue
			}
			g, code := parseGiven(f.value)
			var a address
			if code == "" {
				a, code = g.onDevice(&r.device.Device, c.Channel, f.schemes...)
			}
			if code != "" { // the plan has checked it
				return fault.New(fault.Internal, "camera.Import", code)
			}
			sealed, err := s.seal(addressContext(row.ID, f.what), a)
			if err != nil {
				return err
			}
			*row.where(f.what) = sealed
		}
		row.set(c)
		cameras = append(cameras, row)
		if c.Disabled {
			pauses = append(pauses, &pauseRow{Camera: row.ID, FromUS: row.CreatedUS})
		}
		if err := tx.Emit("camera", "camera.created", string(row.ID), describe(c, map[string]any{"by": by, "version": 1, "import": true})); err != nil {
			return err
		}
	}
	for batch := range slices.Chunk(devices, 200) {
		if _, err := tx.NewInsert().Model(&batch).Exec(ctx); err != nil {
			return err
		}
	}
	for batch := range slices.Chunk(cameras, 200) {
		if _, err := tx.NewInsert().Model(&batch).Exec(ctx); err != nil {
			return err
		}
	}
	for batch := range slices.Chunk(pauses, 200) {
		if _, err := tx.NewInsert().Model(&batch).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
