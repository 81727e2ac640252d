/// The page's script: sorts tables, and reads pictures out by mouse, finger and keyboard.
///
/// What a picture's mark says is the row of the table behind it, so nothing is said twice. Without
/// the script the page shows the same, still.
enum Script {
  /// The SHA-256 of the script, in Base64: the only one that the page's policy allows to run.
  static let hash: StaticString = "L573NaYna+0JPQVab22y2GfiJcsJi5cJLWaQh8BfVZM="

  static let text: StaticString = """
    'use strict';
    for (const svg of document.querySelectorAll('svg[role=img]')) {
      const title = svg.querySelector('title');
      svg.setAttribute('aria-label', title.textContent);
      svg.removeAttribute('aria-labelledby');
      title.remove();
    }
    for (const table of document.querySelectorAll('table.sortable')) {
      const heads = [...table.querySelectorAll('thead th')];
      heads.forEach((head, column) => head.firstChild.addEventListener('click', () => {
        const down = head.getAttribute('aria-sort') !== 'descending';
        for (const other of heads) other.setAttribute('aria-sort', 'none');
        head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
        const key = row => {
          const cell = row.children[column];
          return 'value' in cell.dataset ? +cell.dataset.value : cell.textContent;
        };
        const order = (a, b) => typeof a === 'number' && typeof b === 'number'
          ? a - b : String(a).localeCompare(String(b), undefined, {numeric: true});
        const body = table.tBodies[0];
        body.append(...[...body.rows].map(row => [key(row), row])
          .sort((a, b) => (down ? -1 : 1) * order(a[0], b[0])).map(pair => pair[1]));
      }));
    }
    for (const figure of document.querySelectorAll('figure.chart')) {
      const plot = figure.querySelector('.plot'), tip = figure.querySelector('.tip');
      const spots = [...figure.querySelectorAll('.spot')];
      const heads = [...figure.querySelectorAll('thead th')].map(head => head.textContent);
      const rows = new Map([...figure.querySelectorAll('tbody tr')].map(row => [row.dataset.row, row]));
      let at = -1;
      const hide = () => {
        if (spots[at]) spots[at].classList.remove('on');
        at = -1;
        tip.hidden = true;
      };
      const show = index => {
        hide();
        const row = rows.get(spots[index].dataset.row);
        if (!row) return;
        at = index;
        spots[at].classList.add('on');
        tip.replaceChildren(...[...row.children].map((cell, column) => {
          const line = document.createElement(column ? 'span' : 'b');
          if (!column) { line.textContent = cell.textContent; return line; }
          const name = document.createElement('i');
          name.textContent = heads[column];
          line.append(name, ' ' + cell.textContent);
          return line;
        }));
        tip.hidden = false;
        const box = plot.getBoundingClientRect(), spot = spots[at].getBoundingClientRect();
        const middle = spot.left + spot.width / 2 - box.left;
        const left = middle + 14 + tip.offsetWidth > box.width ? middle - 14 - tip.offsetWidth : middle + 14;
        tip.style.left = Math.max(0, Math.min(box.width - tip.offsetWidth, left)) + 'px';
        tip.style.top = Math.max(0, Math.min(box.height - tip.offsetHeight,
          spot.top - box.top + Math.min(spot.height, 60) / 2 - 10)) + 'px';
      };
      plot.addEventListener('pointermove', event => {
        const index = spots.indexOf(event.target);
        if (index >= 0 && index !== at) show(index);
      });
      plot.addEventListener('pointerleave', hide);
      plot.addEventListener('blur', hide);
      plot.addEventListener('focus', () => {
        if (spots.length && at < 0 && plot.matches(':focus-visible')) show(0);
      });
      plot.addEventListener('keydown', event => {
        const step = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1}[event.key];
        if (event.key === 'Escape') return hide();
        const next = event.key === 'Home' ? 0 : event.key === 'End' ? spots.length - 1
          : step ? Math.max(0, Math.min(spots.length - 1, at + step)) : -1;
        if (next < 0 || !spots.length) return;
        event.preventDefault();
        show(next);
      });
    }
    """
}
