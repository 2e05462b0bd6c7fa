// SPDX-FileCopyrightText: The asyncjobs authors
// SPDX-License-Identifier: LGPL-2.1-or-later

import GLib from 'gi://GLib';
import Jobs from 'gi://Jobs?version=1';

const boil = time => new Promise(resolve => {
    GLib.timeout_add(GLib.PRIORITY_DEFAULT, time, () => {
        resolve('hot water');
        return GLib.SOURCE_REMOVE;
    });
});

const water = Jobs.Action.from(async () => await boil(300), {label: 'water'});
const cups = Jobs.Action.from(() => print('the cups are set'), {label: 'cups'});
const tea = Jobs.Action.from(() => print('pouring', water.get_result()), {label: 'tea'});
tea.requires(water, cups);

await new Jobs.Engine({timeout: 5000}, water, cups, tea).orchestrate_async(null);
