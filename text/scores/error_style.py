"""How the page of errors looks: on screens of any width, light and dark, and on paper."""

# Annotated: solid and blue; predicted: dashed and orange (Okabe and Ito, for colour-blind readers).
# The rows say in words which is which, so that colour and line only help.
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Errors of {title}</title>
<style>
:root {{ color-scheme: light dark; --back: #fff; --text: #1a1a1a; --soft: #595959; --line: #ccc;
  --gold: #0a5a8c; --gold-back: #e3f1fa; --model: #a34700; --model-back: #fdeedd;
  --cell: 0,114,178; }}
@media (prefers-color-scheme: dark) {{ :root {{ --back: #16181b; --text: #e8e8e8; --soft: #aaa;
  --line: #444; --gold: #7cc7f2; --gold-back: #12303f; --model: #f5b25c; --model-back: #3d2a12;
  --cell: 86,180,233; }} }}
* {{ box-sizing: border-box; }}
body {{ max-width: 64rem; margin: 0 auto; padding: 1rem; font: 16px/1.6 system-ui, sans-serif;
  background: var(--back); color: var(--text); overflow-wrap: anywhere; }}
h1 {{ font-size: 1.5rem; }} h2 {{ font-size: 1.2rem; margin-top: 2.5rem; }}
h3 {{ font-size: 1rem; margin: 0; }}
h1, h2, h3, h3 + p {{ break-after: avoid; }}
p {{ margin: 0.5rem 0; }} .soft {{ color: var(--soft); font-size: 0.9rem; }}
.wide {{ overflow-x: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; overflow-wrap: normal; }}
th, td {{ padding: 0.15rem 0.6rem; border-bottom: 1px solid var(--line); text-align: right; }}
th:first-child {{ text-align: left; position: sticky; left: 0; background: var(--back); }}
.all th, .all td {{ border-top: 2px solid var(--line); }}
.matrix th, .matrix td {{ padding: 0.15rem 0.4rem; }}
.matrix thead th:not(:first-child) {{ writing-mode: vertical-rl; text-align: left;
  font-weight: normal; }}
figure {{ margin: 1rem 0; }}
img {{ max-width: 100%; height: auto; background: #fff; padding: 0.3rem; }}
ol {{ padding-left: 2.2rem; }} ol > li {{ margin: 1.4rem 0; }}
a {{ color: var(--gold); }}
.count {{ font-weight: normal; }}
.example {{ border-left: 3px solid var(--line); padding-left: 0.7rem; margin: 0.7rem 0;
  break-inside: avoid; }}
.example div {{ display: grid; grid-template-columns: 5.5rem 1fr; }}
.example dt {{ color: var(--soft); font-size: 0.85rem; line-height: 1.9rem; }}
.example dd, .example dl {{ margin: 0; }} .example dd {{ line-height: 1.9; }}
mark {{ color: inherit; padding: 0.1rem 0.15rem; border-radius: 0.2rem; }}
mark.gold {{ background: var(--gold-back); border: 1px solid var(--gold); }}
mark.model {{ background: var(--model-back); border: 1px dashed var(--model); }}
mark.focus {{ font-weight: bold; border-width: 2px; }}
mark small {{ font-size: 0.7rem; font-weight: normal; margin-left: 0.25rem; }}
.gold small {{ color: var(--gold); }} .model small {{ color: var(--model); }}
@media (max-width: 30rem) {{ table {{ font-size: 0.8rem; }} ol {{ padding-left: 1.6rem; }}
  .example div {{ grid-template-columns: 1fr; }}
  .example dt {{ line-height: 1.2; margin-top: 0.3rem; }} }}
@media print {{ :root {{ --back: #fff; --text: #000; --soft: #444; --line: #999; --gold: #0a5a8c;
  --gold-back: #fff; --model: #a34700; --model-back: #fff; --cell: 0,114,178; }}
  body {{ max-width: none; padding: 0; font-size: 10pt; }} .wide {{ overflow: visible; }} }}
</style>
</head>
<body>
{body}
</body>
</html>
"""
