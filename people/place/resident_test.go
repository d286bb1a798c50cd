package place_test

import (
	"testing"

	"linli.dev/linli/people/place"
)

func TestWhatAsksAboutPeople(t *testing.T) {
	for text, want := range map[string][2]bool{
		// asks about people; asks who somebody is
		"业主身份证号":               {true, true},
		"身 份 证":                {true, true},
		"民　族":                  {true, true},
		"ID Number":            {true, true},
		"id_card":              {true, true},
		"idCardNo":             {true, true},
		"ownerPhoneNumber":     {true, true},
		"PHONE-NUMBER":         {true, true},
		"Ｒｅｓｉｄｅｎｔ name":        {true, true},
		"number of tenants":    {true, true},
		"shenfenzheng":         {true, true},
		"key person":           {true, true},
		"date of birth":        {true, true},
		"重点人员":                 {true, true},
		"负责人姓名":                {false, true},
		"值班电话":                 {false, true},
		"phone":                {false, true},
		"full_name":            {false, true},
		"居民":                   {true, true},
		"居民人数":                 {true, true},
		"常住人口":                 {true, true},
		"外来 人口":                {true, true},
		"住户数":                  {true, true},
		"总户数":                  {true, true},
		"60岁以上老人":              {true, true},
		"儿童人数":                 {true, true},
		"精神病患者":                {true, true},
		"残疾人数":                 {true, true},
		"低保户":                  {true, true},
		"党员人数":                 {true, true},
		"业主满意度":                {true, true},
		"居民委员会掌握的居民情况":         {true, true}, // the committee is a body, what it knows is not
		"向居民收集意见":              {true, true}, // said to nobody: asked
		"number of households": {true, true},
		"homeowners":           {true, true},
		"elderly living alone": {true, true},
		"jumin":                {true, true},
		// bodies, things, what is said to residents
		"社区居民委员会":               {false, false},
		"东苗庄居委会":                {false, false},
		"业主委员会是否成立":             {false, false},
		"业主大会、业主委员会":            {false, false},
		"居民小区出入口":               {false, false},
		"居民楼楼道照明":               {false, false},
		"住户门完好":                 {false, false},
		"儿童游乐区围栏":               {false, false},
		"老年活动中心":                {false, false},
		"残疾人通道畅通":               {false, false},
		"是否向居民公示资金使用":           {false, false},
		"致居民的一封信":               {false, false},
		"不得填写居民情况":              {false, false},
		"小区出人口":                 {false, false},
		"用户数量":                  {false, false},
		"民族路大门":                 {false, false},
		"residents' committee":  {false, false},
		"Residential compound":  {false, false},
		"Children's playground": {false, false},
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

// How many flats a building has is its size: a list with that column is taken. A question that asks for it is not.
func TestTheSizeOfABuildingIsNoQuestionAboutPeople(t *testing.T) {
	for heading, want := range map[string]bool{
		"户数": false, "总户数（户）": false, "住宅套数": false, "flats": false, "居民委员会": false, "社区居委会名称": false,
		"入住户数": true, "居民户数": true, "户数及户主": true, "业主姓名": true, "常住人口": true, "老人数": true,
	} {
		if got := place.HeadingAboutPeople(heading); got != want {
			t.Errorf("%q: %v, want %v", heading, got, want)
		}
	}
}
