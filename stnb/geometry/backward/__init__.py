"""First derivatives of the maps in closed form, one kernel each; compiled only where a map asks for them."""

__all__: list[str] = []
