/* The heavy half of menus, fetched when the first one is about to open. */
export { DropdownMenu, Popover } from 'radix-ui';
