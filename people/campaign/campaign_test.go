package campaign_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"testing"
	"time"

	"linli.dev/linli/fault"
	"linli.dev/linli/people/campaign"
	"linli.dev/linli/people/place"
	"linli.dev/linli/people/supervision"
	"linli.dev/linli/role"
	"linli.dev/linli/store"
	"linli.dev/linli/store/storetest"
)

func refused(t *testing.T, code string, err error) {
	t.Helper()
	var f *fault.Error
	if errors.As(err, &f) {
		if f.Code == code {
			return
		}
		for _, x := range f.Fields {
			if x.Code == code {
				return
			}
		}
	}
	t.Errorf("want %s, got %v", code, err)
}

// The September drive: a meeting with its route, a photo, what is to be followed up, a notice to residents.
func TestADrive(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		day := place.Date(2017, time.September, 27)
		now := place.Clock{}.Begin(day).Add(10 * time.Hour)
		clock := place.Clock{Now: func() time.Time { return now }}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		c, err := role.OpenCity(ctx, db, clock)
		must(err)
		city, err := c.Places.Found(ctx, "li", []place.NewPlace{{Level: place.City, Name: "临沂市", From: day}})
		must(err)
		county, err := c.Places.Found(ctx, "li", []place.NewPlace{{Level: place.County, Name: "兰山区", Parent: city[0].Place, From: day}})
		must(err)

		drive := campaign.Campaign{ID: "september-2017", Name: "集中攻坚月", From: place.Date(2017, 9, 1), Until: place.Date(2017, 9, 30), Goals: []campaign.Goal{{Strand: campaign.Publicity, Text: "集中宣传"}}}
		bad := drive
		bad.Until, bad.Goals = place.Date(2017, 8, 1), append(bad.Goals, bad.Goals[0])
		_, err = c.Campaign.Set(ctx, "li", 0, bad)
		refused(t, "place.field.order", err)
		refused(t, "campaign.strand", err)
		for text, code := range map[string]string{"发展平安员100名": "place.field.taking-part", "居民参与率达到八成": "place.field.taking-part", "登记外来人员": "place.field.asks-residents"} {
			bad := drive
			bad.Goals = []campaign.Goal{{Strand: campaign.Patrol, Text: text}}
			_, err = c.Campaign.Set(ctx, "li", 0, bad)
			refused(t, code, err)
			bad = drive
			bad.Purpose = text
			_, err = c.Campaign.Set(ctx, "li", 0, bad)
			refused(t, code, err)
		}
		_, err = c.Campaign.Set(ctx, "li", 0, drive)
		must(err)
		_, err = c.Campaign.Set(ctx, "li", 0, drive)
		refused(t, "place.version-needed", err)
		drive.Purpose = "提升人防、物防、技防水平"
		drive, err = c.Campaign.Set(ctx, "li", 1, drive)
		must(err)

		meeting := campaign.Activity{
			Campaign: drive.ID, Kind: campaign.Meeting, Strand: campaign.Publicity, Place: city[0].Place, Day: day, Title: "现场推进会", Attendance: 120,
			Text: "会议纪要第一段。\n第二段。", Lines: []campaign.Line{{Part: campaign.Stop, Text: "金阳花园"}, {Part: campaign.Speaker, Text: "经验发言", Where: "兰山区"}},
		}
		for code, change := range map[string]func(*campaign.Activity){
			"campaign.part":               func(a *campaign.Activity) { a.Lines = []campaign.Line{{Part: campaign.Handed, Text: "宣传页"}} },
			"campaign.none":               func(a *campaign.Activity) { a.Campaign = "none" },
			"place.no-place":              func(a *campaign.Activity) { a.Place = "none" },
			"campaign.kind":               func(a *campaign.Activity) { a.Kind = "party" },
			"place.field.phone-number":    func(a *campaign.Activity) { a.Text = "联系张三 13812345678" },
			"campaign.number":             func(a *campaign.Activity) { a.Attendance = -1 },
			"place.field.identity-number": func(a *campaign.Activity) { a.Lessons = "371302199001011234" },
		} {
			x := meeting
			change(&x)
			_, err := c.Campaign.Put(ctx, "li", 0, x)
			refused(t, code, err)
		}
		held, err := c.Campaign.Put(ctx, "li", 0, meeting)
		must(err)

		var file bytes.Buffer
		must(png.Encode(&file, image.NewGray(image.Rect(0, 0, 40, 30))))
		_, err = c.Campaign.AddPhoto(ctx, "li", held.ID, []byte("GIF89a"), "")
		refused(t, "campaign.photo.kind", err)
		shown, err := c.Campaign.AddPhoto(ctx, "li", held.ID, file.Bytes(), "观摩现场")
		must(err)
		_, err = c.Campaign.AddPhoto(ctx, "li", held.ID, file.Bytes(), "")
		refused(t, "campaign.photo.twice", err)
		hash := shown.Photos[0].Hash
		if got, err := c.Campaign.Photo(ctx, hash); err != nil || !bytes.HasPrefix(got, []byte{0xff, 0xd8}) {
			t.Error("the photo is no JPEG", err)
		}
		meeting.ID, meeting.Title = held.ID, "全市现场推进会"
		_, err = c.Campaign.Put(ctx, "li", held.Version, meeting) // read before the photo came
		refused(t, "place.changed-meanwhile", err)
		changed, err := c.Campaign.Put(ctx, "li", shown.Version, meeting)
		must(err)
		if len(changed.Photos) != 1 || changed.Text != "会议纪要第一段。\n第二段。" || changed.PlaceName != "临沂市" {
			t.Errorf("%+v", changed)
		}

		n, err := c.Campaign.FollowUp(ctx, "li", held.ID, []place.ID{county[0].Place}, "学习推广观摩经验", "", place.Date(2017, 10, 20))
		must(err)
		tasks, _, err := c.Tasks.List(ctx, clock.AtClose(day), supervision.Filter{Origin: "activity:" + string(held.ID)})
		must(err)
		if n != 1 || len(tasks) != 1 || tasks[0].CountyName != "兰山区" {
			t.Errorf("%d %+v", n, tasks)
		}
		_, err = c.Campaign.FollowUp(ctx, "li", "none", []place.ID{county[0].Place}, "x", "", place.Date(2017, 10, 20))
		refused(t, "campaign.no-activity", err)

		// Two activities share a photo: the bytes stay until both have let go.
		other := meeting
		other.Title = "另一场"
		second, err := c.Campaign.Put(ctx, "li", 0, other)
		must(err)
		_, err = c.Campaign.AddPhoto(ctx, "li", second.ID, file.Bytes(), "")
		must(err)
		_, err = c.Campaign.RemovePhoto(ctx, "li", held.ID, hash)
		must(err)
		if _, err := c.Campaign.Photo(ctx, hash); err != nil {
			t.Error("the other activity has lost its photo:", err)
		}
		_, err = c.Campaign.RemovePhoto(ctx, "li", second.ID, hash)
		must(err)
		_, err = c.Campaign.Photo(ctx, hash)
		refused(t, "campaign.photo.none", err)

		notice := campaign.Notice{Place: county[0].Place, Title: "告居民书", Body: "第一段\n第二段", Signed: "兰山区综治办", Day: day}
		draft, err := c.Campaign.Write(ctx, "li", 0, notice)
		must(err)
		_, err = c.Campaign.Publish(ctx, "chen", draft.Version, draft.ID, true)
		refused(t, "campaign.notice.not-now", err)
		_, err = c.Campaign.Publish(ctx, "li", draft.Version, draft.ID, false)
		refused(t, "campaign.notice.own", err)
		// Whoever added a word is one of those who wrote it.
		notice.ID = draft.ID
		draft, err = c.Campaign.Write(ctx, "wang", draft.Version, notice)
		must(err)
		for _, writer := range []string{"li", "wang"} {
			_, err = c.Campaign.Publish(ctx, writer, draft.Version, draft.ID, false)
			refused(t, "campaign.notice.own", err)
		}
		published := func(at place.ID) (titles []string) {
			_, _, list, err := c.Campaign.Published(ctx, at)
			must(err)
			for _, n := range list {
				titles = append(titles, n.Title)
			}
			return titles
		}
		if got := published(""); len(got) != 0 {
			t.Errorf("a draft is out: %v", got)
		}
		out, err := c.Campaign.Publish(ctx, "chen", draft.Version, draft.ID, false)
		must(err)
		// Those who live in the county read it; it is not for the whole city.
		if got := published(county[0].Place); len(got) != 1 {
			t.Errorf("%v", got)
		}
		if got := published(county[0].Parent); len(got) != 0 {
			t.Errorf("%v", got)
		}
		_, _, _, err = c.Campaign.Published(ctx, "none")
		refused(t, "place.no-place", err)
		notice.ID, notice.Body = draft.ID, "改了"
		_, err = c.Campaign.Write(ctx, "li", out.Version, notice)
		refused(t, "campaign.notice.published", err)
		_, err = c.Campaign.Publish(ctx, "li", out.Version, draft.ID, true) // who wrote it may withdraw it
		must(err)
		if got := published(""); len(got) != 0 {
			t.Errorf("what was withdrawn is still out: %v", got)
		}
		// A county that is renamed and then merged keeps, in what was held and posted there, the name that it had on that day.
		meeting.ID, meeting.Place = "", county[0].Place
		_, err = c.Campaign.Put(ctx, "li", 0, meeting)
		must(err)
		now = now.AddDate(0, 0, 10)
		renamed := "兰山新区"
		_, err = c.Places.Change(ctx, "li", county[0].Place, 1, place.Edit{Name: &renamed, From: day + 2})
		must(err)
		into, err := c.Places.Found(ctx, "li", []place.NewPlace{{Level: place.County, Name: "罗庄区", Parent: city[0].Place, From: day}})
		must(err)
		must(c.Places.Merge(ctx, "li", 1, []place.ID{county[0].Place}, into[0].Place, clock.Today(), "区划调整"))
		late := meeting // written down after the merge, about a day before it
		late.Day = day + 3
		held, err = c.Campaign.Put(ctx, "li", 0, late)
		must(err)
		if held.PlaceName != renamed {
			t.Errorf("%+v", held)
		}
		late.Day = clock.Today()
		_, err = c.Campaign.Put(ctx, "li", 0, late)
		refused(t, "place.no-place", err)
		notice.ID, notice.Day = "", day
		_, err = c.Campaign.Write(ctx, "li", 0, notice)
		refused(t, "place.no-place", err)
		activities, err := c.Campaign.Activities(ctx, drive.ID)
		must(err)
		named := map[place.Day]string{}
		for _, a := range activities {
			if a.Place == county[0].Place {
				named[a.Day] = a.PlaceName
			}
		}
		if named[day] != "兰山区" || named[day+3] != renamed {
			t.Errorf("%v", named)
		}

		all, err := c.Campaign.Notices(ctx)
		must(err)
		if len(all) != 1 || all[0].State != campaign.Withdrawn || all[0].Body != "第一段\n第二段" || all[0].PlaceName != "兰山区" {
			t.Errorf("%+v", all)
		}
	})
}
