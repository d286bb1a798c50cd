package place_test

import (
	"testing"

	"linli.dev/linli/people/place"
)

func TestWhatAsksAboutPeople(t *testing.T) {
	for text, want := range map[string][2]bool{
		// asks about people; asks who somebody is
		"业主身份证号":            {true, true},
		"身 份 证":             {true, true},
		"民　族":               {true, true},
		"ID Number":         {true, true},
		"id_card":           {true, true},
		"idCardNo":          {true, true},
		"ownerPhoneNumber":  {true, true},
		"PHONE-NUMBER":      {true, true},
		"Ｒｅｓｉｄｅｎｔ name":     {true, true},
		"number of tenants": {true, true},
		"shenfenzheng":      {true, true},
		"key person":        {true, true},
		"date of birth":     {true, true},
		"重点人员":              {true, true},
		"负责人姓名":             {false, true},
		"值班电话":              {false, true},
		"phone":             {false, true},
		"full_name":         {false, true},
		// things
		"Valid number of extinguishers": {false, false},
		"Did numbers match":             {false, false},
		"Gates closed at night":         {false, false},
		"消防通道畅通":                        {false, false},
		"大门数量":                          {false, false},
		"保安人数":                          {false, false},
		"vice president's visit":        {false, false},
		"":                              {false, false},
	} {
		if got := [2]bool{place.AsksAboutPeople(text), place.AsksWhoSomebodyIs(text)}; got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
