/// The page's style: light and dark, on a phone, on a desk and on paper.
///
/// Colours are told apart by people with any kind of colour vision (after Okabe and Ito), and never
/// carry a meaning alone: each part is also named, and in the table.
enum StyleSheet {
  static let text: StaticString = """
    :root{color-scheme:light dark;--paper:#fff;--card:#f6f7f8;--ink:#1b2026;--soft:#5a6570;\
    --line:#d9dee3;--accent:#0b62a8;--polled:#2b7bba;--ran:#e3a72f;--gave:#c8501e;--slept:#aab3bc;\
    --good:#1d7a4f;--warm:#9a5b00;--h1:#dbe9f4;--h2:#b3d0e8;--h3:#7fb0d8;--h4:#4a8ec4;--h5:#2069a8;\
    --h6:#0c3f70}
    @media (prefers-color-scheme:dark){:root{--paper:#14181d;--card:#1c2229;--ink:#e4e8ec;\
    --soft:#9ba7b3;--line:#333c46;--accent:#74b6ee;--polled:#4f9bdc;--ran:#e0ab45;--gave:#e8743f;\
    --slept:#66717d;--good:#5cc495;--warm:#e0b060;--h1:#1d3347;--h2:#24496a;--h3:#2f6694;\
    --h4:#4489c0;--h5:#79b3e2;--h6:#cfe6f9}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,\
    "Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums;\
    overflow-wrap:break-word}
    main,header,footer{max-width:1160px;margin:0 auto;padding:0 24px}
    header{padding-top:30px}
    h1{font-size:1.5rem;line-height:1.25;margin:0 0 4px;font-weight:650}
    h2{font-size:1.2rem;line-height:1.3;margin:48px 0 4px;font-weight:650}
    h3{font-size:.95rem;line-height:1.35;margin:0;font-weight:600}
    p{margin:6px 0;max-width:75ch}
    header p,.lead,figcaption p,footer{color:var(--soft);font-size:.875rem}
    .lead{margin-bottom:16px}
    a{color:var(--accent)}
    nav{font-size:.875rem;margin:10px 0 0}
    nav a{margin-right:14px;display:inline-block;padding:2px 0}
    .answer{margin-top:22px;padding:20px 24px;background:var(--card);border-left:4px solid \
    var(--accent);border-radius:3px}
    .answer h2{margin:0 0 2px;font-size:.875rem;font-weight:600;color:var(--soft)}
    .answer .verdict{font-size:1.25rem;line-height:1.4;font-weight:600;margin:0 0 10px;max-width:62ch}
    .answer h3{margin-top:16px}
    .answer ul{margin:4px 0;padding-left:1.2em;max-width:80ch}
    .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:14px 28px;\
    margin:16px 0 4px}
    .facts div{border-top:1px solid var(--line);padding-top:7px}
    .facts dt{font-size:.8125rem;color:var(--soft)}
    .facts dd{margin:0;font-size:1.2rem;font-weight:600;line-height:1.35}
    .facts small{display:block;font-size:.8125rem;font-weight:400;color:var(--soft);line-height:1.4}
    dl{margin:0}
    pre{margin:6px 0;padding:10px 12px;background:var(--paper);border:1px solid var(--line);\
    border-radius:3px;overflow-x:auto;font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,\
    "DejaVu Sans Mono",monospace}
    .panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,460px),1fr));\
    gap:30px 36px;align-items:start}
    figure{margin:16px 0 0;min-width:0}
    .panels.below{margin-top:20px}
    .panels figure{margin:0}
    figure.wide{max-width:860px}
    figcaption p{margin:1px 0 0;line-height:1.45}
    .plot{position:relative;margin-top:4px}
    .plot:focus-visible,.scroll:focus-visible,button:focus-visible,summary:focus-visible,\
    a:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
    svg{display:block;width:100%;height:auto;overflow:visible}
    svg text{font-size:12px;fill:var(--soft)}
    svg .name{fill:var(--soft)}
    svg .note{fill:var(--ink)}
    svg .strong{fill:var(--ink);font-weight:650}
    .wide svg text{font-size:8.8px}
    .axis{stroke:var(--soft);fill:none}
    svg .grid{stroke:var(--line);fill:none;stroke-width:.8}
    .polled{fill:var(--polled);background:var(--polled)}
    .ran{fill:var(--ran);background:var(--ran)}
    .gave{fill:var(--gave);background:var(--gave)}
    .unknown{fill:var(--line);background:var(--line)}
    .slept{fill:var(--slept);background:var(--slept)}
    .h1{fill:var(--h1);background:var(--h1)}.h2{fill:var(--h2);background:var(--h2)}
    .h3{fill:var(--h3);background:var(--h3)}.h4{fill:var(--h4);background:var(--h4)}
    .h5{fill:var(--h5);background:var(--h5)}.h6{fill:var(--h6);background:var(--h6)}
    .span{fill:var(--polled);background:var(--polled);opacity:.28}
    .now{fill:none;stroke:var(--polled);stroke-width:1.4;stroke-linejoin:round}
    .limit{fill:none;stroke:var(--ink);stroke-width:1.1;stroke-dasharray:5 3}
    .change{fill:none;stroke:var(--warm);stroke-width:1.2;stroke-dasharray:2 2}
    .front{fill:none;stroke:var(--soft);stroke-width:1.3}
    .dot{fill:var(--soft)}
    .mark{fill:var(--paper);stroke:var(--accent);stroke-width:2}
    .mark.recommended{fill:var(--accent)}
    .mark.bound{stroke:var(--soft);stroke-dasharray:2 2}
    .doubt{stroke:var(--accent);stroke-width:1.1;opacity:.55;fill:none}
    .halo{paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
    .leader{stroke:var(--soft);stroke-width:.7;fill:none}
    .band{fill:var(--accent);opacity:.25}
    .tick-mark{stroke:var(--accent);stroke-width:2.4;fill:none}
    .recorded{fill:var(--ink)}
    .spot{fill:transparent}
    .spot.on{fill:var(--ink);fill-opacity:.09;stroke:var(--ink);stroke-opacity:.5}
    .key{display:inline-block;width:12px;height:12px;margin-right:6px;border-radius:2px;\
    vertical-align:-1px}
    .key.line,.key.dash,.key.dots,.key.tick-mark,.key.recorded,.key.front{height:0;width:18px;\
    border-radius:0;vertical-align:4px;background:none;border-top:2px solid var(--polled)}
    .key.dash{border-top:2px dashed var(--ink)}.key.dots{border-top:2px dotted var(--warm)}
    .key.tick-mark{border-top-color:var(--accent)}.key.front{border-top-color:var(--soft)}
    .key.recorded{height:9px;width:9px;border:0;background:var(--ink);transform:rotate(45deg);\
    vertical-align:0;margin-left:2px}
    .key.band{background:var(--accent)}
    .legend{list-style:none;margin:7px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:2px 18px;\
    font-size:.8125rem;color:var(--soft)}
    .tip{position:absolute;z-index:2;pointer-events:none;background:var(--paper);color:var(--ink);\
    border:1px solid var(--soft);border-radius:3px;padding:6px 9px;font-size:.8125rem;line-height:1.4;\
    max-width:min(300px,94%);box-shadow:0 2px 10px rgba(0,0,0,.16)}
    .tip[hidden]{display:none}
    .tip b{display:block;font-weight:600}
    .tip span{display:flex;justify-content:space-between;gap:14px}
    .tip span i{font-style:normal;color:var(--soft)}
    abbr{text-decoration:none;cursor:help;color:var(--gave);font-weight:600}
    details{margin-top:6px}
    summary{cursor:pointer;font-size:.8125rem;color:var(--soft);width:fit-content;padding:2px 0}
    .scroll{overflow-x:auto;margin-top:6px;max-height:70vh}
    table{border-collapse:collapse;font-size:.8125rem;line-height:1.35;min-width:min(100%,420px)}
    caption{text-align:left;color:var(--soft);padding:0 0 6px;position:absolute;left:-9999px}
    th,td{padding:5px 12px 5px 0;border-bottom:1px solid var(--line);text-align:right;\
    white-space:nowrap;font-weight:400;vertical-align:top}
    th.words{text-align:left}
    td:last-child,th:last-child{padding-right:2px}
    thead th{color:var(--soft);font-weight:600;position:sticky;top:0;background:var(--paper);\
    vertical-align:bottom;z-index:1}
    .answer thead th{background:var(--card)}
    tbody th.words{white-space:normal}
    tbody th.words{min-width:9em}
    th button{all:unset;cursor:pointer;font:inherit;color:inherit;padding:2px 0}
    th button::after{content:"";display:inline-block;width:.9em;text-align:right}
    th[aria-sort=descending] button,th[aria-sort=ascending] button{color:var(--ink)}
    th[aria-sort=descending] button::after{content:"\\2193"}
    th[aria-sort=ascending] button::after{content:"\\2191"}
    .bar{display:inline-block;width:64px;height:8px;margin-right:8px;vertical-align:1px;\
    background:linear-gradient(var(--polled),var(--polled)) 0/var(--w) 100% no-repeat,var(--card)}
    .ledger{margin:10px 0;max-width:80ch}
    .ledger dt{font-weight:600}
    .ledger dd{margin:0 0 12px;color:var(--soft);font-size:.9375rem}
    .ledger dd.place{margin:0}
    .ledger .missing::before{content:"\\25B2\\00A0";color:var(--gave)}
    footer{margin:56px auto 40px;padding-top:14px;border-top:1px solid var(--line)}
    @media (max-width:640px){main,header,footer{padding:0 16px}header{padding-top:20px}
    h1{font-size:1.3rem}h2{margin-top:40px}.answer{padding:16px}.answer .verdict{font-size:1.125rem}
    .facts{grid-template-columns:1fr 1fr;gap:12px 18px}.facts dd{font-size:1.0625rem}
    svg text,.wide svg text{font-size:16.5px}.panels{gap:30px}.bar{width:36px}nav a{padding:6px 0}}
    @media print{:root{color-scheme:light;--paper:#fff;--card:#f6f7f8;--ink:#000;--soft:#444;\
    --line:#ccc;--accent:#0b62a8;--polled:#2b7bba;--ran:#e3a72f;--gave:#c8501e;--slept:#aab3bc;\
    --warm:#9a5b00;--h1:#dbe9f4;--h2:#b3d0e8;--h3:#7fb0d8;--h4:#4a8ec4;--h5:#2069a8;--h6:#0c3f70}
    *{-webkit-print-color-adjust:exact;print-color-adjust:exact}
    body{font-size:10pt}nav,details:not([open]),.tip{display:none}
    main,header,footer{max-width:none;padding:0}figure,.answer,.facts div{break-inside:avoid}
    h2{break-after:avoid}.scroll{overflow:visible;max-height:none}thead th{position:static}
    .panels{grid-template-columns:1fr 1fr;gap:16px 20px}.panels svg text{font-size:16px}.bar{display:none}table{font-size:7pt}th,td{padding-right:5px}tbody th.words{min-width:5em}th button::after{width:auto}}
    """
}
