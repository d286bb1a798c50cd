package place

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Red line 8: no column, form, indicator or category asks about a natural
// person who is not on duty. The words by which that is known stand here, once
// for every room.

// aboutPeople are words that no heading, name or question may have.
var aboutPeople = []string{
	"身份证", "身份号码", "证件号", "证件类型", "民族", "宗教", "信仰", "户籍", "户口", "籍贯", "户主", "业主姓名", "业主电话", "业主信息", "业主名单", "住户姓名", "住户电话", "住户信息", "住户名单",
	"居民姓名", "居民电话", "居民信息", "居民名单", "租户", "承租人", "房客", "流动人口", "重点人", "前科", "刑满", "吸毒", "社区矫正", "精神障碍", "信访人", "上访", "家庭成员", "人脸", "车牌", "出生日期", "出生年月", "婚姻", "政治面貌", "手机号",
}

// aboutPeopleLatin are the same in Latin letters: English, and the pinyin that
// people make names of columns from.
var aboutPeopleLatin = []string{
	"idnumber", "idcard", "identitycard", "identitynumber", "nationalid", "passport", "ethnicity", "ethnicgroup", "religion", "religious", "householdregistration", "resident", "tenant",
	"keyperson", "birthdate", "dateofbirth", "licenceplate", "licenseplate", "phonenumber", "shenfenzheng", "minzu", "zongjiao", "hukou", "huji",
}

// askedOfSomebody are words that ask who somebody is or how to reach them,
// where the answer is free: a question whose answers are given asks of a thing.
var (
	askedOfSomebody      = []string{"姓名", "名字", "电话", "手机", "微信", "年龄", "性别", "住址", "门牌", "房号", "工作单位", "联系方式", "联系人"}
	askedOfSomebodyLatin = []string{"phone", "telephone", "mobile", "wechat", "surname", "fullname", "firstname", "lastname", "personname", "gender", "flatnumber", "homeaddress", "xingming", "dianhua", "shouji"}
)

// AsksAboutPeople reports whether a heading, a name or a question is one that
// must not be.
func AsksAboutPeople(text string) bool { return speaksOf(text, aboutPeople, aboutPeopleLatin) }

// AsksWhoSomebodyIs reports the same of a question whose answer is free text or
// any number: of such a one more is refused.
func AsksWhoSomebodyIs(text string) bool {
	return AsksAboutPeople(text) || speaksOf(text, askedOfSomebody, askedOfSomebodyLatin)
}

func speaksOf(text string, chinese, latin []string) bool {
	text = norm.NFKC.String(text)
	han := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsPunct(r) || unicode.IsSymbol(r) {
			return -1
		}
		return r
	}, text)
	if slices.ContainsFunc(chinese, func(w string) bool { return strings.Contains(han, w) }) {
		return true
	}
	words := latinWords(text)
	for i := range words {
		// A word may be written in one, in several, or with others glued to it; but "valid number" has no "id number" in it.
		from := strings.Join(words[i:min(i+4, len(words))], "")
		if slices.ContainsFunc(latin, func(w string) bool {
			return strings.HasPrefix(from, w) || strings.Contains(words[i], w) && words[i] != "president"
		}) {
			return true
		}
	}
	return false
}

// latinWords are the runs of Latin letters of a text, cut where camelCase
// begins a new word, in small letters.
func latinWords(text string) (out []string) {
	var word []rune
	end := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	var last rune
	for _, r := range text {
		switch {
		case !unicode.Is(unicode.Latin, r):
			end()
		default:
			if unicode.IsUpper(r) && unicode.IsLower(last) {
				end()
			}
			word = append(word, r)
		}
		last = r
	}
	end()
	return out
}
