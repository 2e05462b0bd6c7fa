// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

'use strict';

// The page is whole without this: it sorts and filters the table, and leads from a bar
// to its row
const table = document.querySelector('table');
const body = table.tBodies[0];
const rows = Array.from(body.rows);
const text = document.getElementById('text');
const state = document.getElementById('state');
const shown = document.getElementById('shown');

function valueOf(row, column) {
    const cell = row.cells[column];

    return 'value' in cell.dataset ? Number(cell.dataset.value) : cell.textContent;
}

function compare(one, two) {
    return typeof one === 'number' ? one - two : one.localeCompare(two, undefined, {numeric: true});
}

function sortBy(head) {
    const order = head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending';
    const sign = order === 'ascending' ? 1 : -1;
    const keyed = rows.map(row => [valueOf(row, head.cellIndex), row]);

    keyed.sort((one, two) => sign * compare(one[0], two[0]));
    for (const other of head.parentNode.cells)
        other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', order);
    body.append(...keyed.map(pair => pair[1]));
}

function filter() {
    const wanted = text.value.toLowerCase();
    let n = 0;

    for (const row of rows) {
        row.hidden = !row.textContent.toLowerCase().includes(wanted) ||
            (state.value !== '' && row.dataset.state !== state.value);
        n += row.hidden ? 0 : 1;
    }
    shown.textContent = n === rows.length ? '' : `${n} / ${rows.length}`;
}

function choose(event) {
    const bar = event.target.closest('[data-job]');
    const row = bar ? document.getElementById(`job-${bar.dataset.job}`) : null;

    if (row === null)
        return;
    body.querySelector('.chosen')?.classList.remove('chosen');
    row.classList.add('chosen');
    row.hidden = false;
    row.scrollIntoView({block: 'center'});
}

for (const button of table.tHead.querySelectorAll('button'))
    button.addEventListener('click', () => sortBy(button.parentNode));
text.addEventListener('input', filter);
state.addEventListener('change', filter);
document.querySelector('.timeline')?.addEventListener('click', choose);
document.querySelector('.tools').hidden = false;
