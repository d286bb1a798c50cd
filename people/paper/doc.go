// Package paper sets documents: headings, paragraphs, tables and charts as text, Markdown, Excel and Word, in an office's own template.
//
// It knows nothing of what a document says, and imports nothing of ours: whoever
// has something to say makes a Document, and every format says the same. What the
// files own:
//
//	document.go              what a document is made of
//	text.go                  plain text and Markdown
//	workbook*.go             Excel: tables as numbers, charts that Excel draws, the rows behind
//	word*.go                 Word: the body as it goes into a template
//	template*.go             templates: ours, a starter with a red head, an office's own, which is checked
//	chart*.go, font/         charts as PNG for Word, with Chinese labels
package paper
