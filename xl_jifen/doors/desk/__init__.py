"""The desk (工作台): a page of this computer with a button for every verb, for whoever has no ribbon and no console."""
