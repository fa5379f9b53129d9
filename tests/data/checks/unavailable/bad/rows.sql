DROP TABLE ps_aors;
